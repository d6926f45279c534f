CREATE TABLE agencies (
  id VARCHAR(64) NOT NULL,
  name TEXT NOT NULL,
  code TEXT NOT NULL,
  address TEXT NOT NULL,
  seal TEXT,
  PRIMARY KEY (id)
);
CREATE TABLE heard (
  source VARCHAR(32) NOT NULL,
  last_event TEXT,
  PRIMARY KEY (source)
);
CREATE TABLE schema_version (
  version INTEGER NOT NULL
);
CREATE TABLE people (
  id VARCHAR(64) NOT NULL,
  name TEXT NOT NULL,
  office TEXT NOT NULL,
  agency_id VARCHAR(64) NOT NULL,
  rank TEXT,
  credential TEXT,
  roles JSON NOT NULL,
  password_hash TEXT,
  failures INTEGER DEFAULT '0' NOT NULL,
  locked_until DATETIME,
  disabled_at DATETIME,
  PRIMARY KEY (id),
  FOREIGN KEY(agency_id) REFERENCES agencies (id)
);
CREATE INDEX ix_people_agency_id ON people (agency_id);
CREATE TABLE series (
  agency_id VARCHAR(64) NOT NULL,
  name TEXT NOT NULL,
  year INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (agency_id, name, year),
  FOREIGN KEY(agency_id) REFERENCES agencies (id)
);
CREATE TABLE papers (
  id VARCHAR(32) NOT NULL,
  feature TEXT NOT NULL,
  kind TEXT NOT NULL,
  agency_id VARCHAR(64) NOT NULL,
  drafter_id VARCHAR(64) NOT NULL,
  state VARCHAR(16) NOT NULL,
  subject TEXT NOT NULL,
  secrecy VARCHAR(16) NOT NULL,
  urgency VARCHAR(16) NOT NULL,
  form JSON NOT NULL,
  steps JSON NOT NULL,
  created_at DATETIME NOT NULL,
  changed_at DATETIME NOT NULL,
  number TEXT,
  dated DATE,
  draft VARCHAR(64),
  places JSON NOT NULL,
  reference TEXT,
  progress INTEGER DEFAULT '0' NOT NULL,
  code TEXT,
  page TEXT,
  signed VARCHAR(64),
  problem TEXT,
  valid_until DATE,
  replaces VARCHAR(32),
  version INTEGER DEFAULT '0' NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT released_has_number CHECK (state = 'draft' OR number IS NOT NULL OR state = 'cancelled'),
  CONSTRAINT signed_is_kept CHECK (state <> 'signed' OR signed IS NOT NULL),
  FOREIGN KEY(agency_id) REFERENCES agencies (id),
  FOREIGN KEY(drafter_id) REFERENCES people (id),
  UNIQUE (reference),
  UNIQUE (code),
  FOREIGN KEY(replaces) REFERENCES papers (id)
);
CREATE INDEX ix_papers_list ON papers (agency_id, feature, changed_at);
CREATE TABLE sessions (
  token_sha256 VARCHAR(64) NOT NULL,
  person_id VARCHAR(64) NOT NULL,
  seen_at DATETIME NOT NULL,
  expires_at DATETIME NOT NULL,
  PRIMARY KEY (token_sha256),
  FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE INDEX ix_sessions_expires_at ON sessions (expires_at);
CREATE TABLE errands (
  id VARCHAR(32) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  paper_id VARCHAR(32) NOT NULL,
  details JSON NOT NULL,
  attempts INTEGER DEFAULT '0' NOT NULL,
  due_at DATETIME NOT NULL,
  taken_until DATETIME,
  done_at DATETIME,
  last_problem TEXT,
  PRIMARY KEY (id),
  UNIQUE (kind, paper_id, id),
  FOREIGN KEY(paper_id) REFERENCES papers (id)
);
CREATE INDEX ix_errands_due ON errands (done_at, due_at);
CREATE TABLE history (
  id INTEGER NOT NULL,
  paper_id VARCHAR(32) NOT NULL,
  at DATETIME NOT NULL,
  who TEXT,
  what VARCHAR(32) NOT NULL,
  note TEXT,
  PRIMARY KEY (id),
  FOREIGN KEY(paper_id) REFERENCES papers (id)
);
CREATE INDEX ix_history_paper_id ON history (paper_id);
CREATE TABLE incoming (
  id VARCHAR(32) NOT NULL,
  agency_id VARCHAR(64) NOT NULL,
  year INTEGER NOT NULL,
  agenda INTEGER NOT NULL,
  sender TEXT NOT NULL,
  subject TEXT NOT NULL,
  number TEXT,
  dated DATE,
  sha256 VARCHAR(64) NOT NULL,
  verdict JSON NOT NULL,
  arrived_at DATETIME NOT NULL,
  paper_id VARCHAR(32),
  read_at DATETIME,
  read_by VARCHAR(64),
  PRIMARY KEY (id),
  UNIQUE (agency_id, sha256),
  UNIQUE (agency_id, year, agenda),
  FOREIGN KEY(agency_id) REFERENCES agencies (id),
  FOREIGN KEY(paper_id) REFERENCES papers (id),
  FOREIGN KEY(read_by) REFERENCES people (id)
);
CREATE INDEX ix_incoming_list ON incoming (agency_id, arrived_at);
CREATE TABLE numbers (
  agency_id TEXT NOT NULL,
  series TEXT NOT NULL,
  year INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  paper_id VARCHAR(32) NOT NULL,
  number TEXT NOT NULL,
  drawn_at DATETIME NOT NULL,
  void TEXT,
  PRIMARY KEY (agency_id, series, year, sequence),
  UNIQUE (paper_id),
  FOREIGN KEY(paper_id) REFERENCES papers (id)
);
CREATE TABLE dispositions (
  id VARCHAR(32) NOT NULL,
  incoming_id VARCHAR(32) NOT NULL,
  parent_id VARCHAR(32),
  from_person VARCHAR(64) NOT NULL,
  to_person VARCHAR(64) NOT NULL,
  instruction TEXT NOT NULL,
  until DATE,
  given_at DATETIME NOT NULL,
  report TEXT,
  done_at DATETIME,
  PRIMARY KEY (id),
  FOREIGN KEY(incoming_id) REFERENCES incoming (id),
  FOREIGN KEY(parent_id) REFERENCES dispositions (id),
  FOREIGN KEY(from_person) REFERENCES people (id),
  FOREIGN KEY(to_person) REFERENCES people (id)
);
CREATE INDEX ix_dispositions_incoming_id ON dispositions (incoming_id);
CREATE INDEX ix_dispositions_mine ON dispositions (to_person, done_at);
INSERT INTO schema_version (version) VALUES (1);
INSERT INTO agencies (id, name, code, address) VALUES ('dinas', 'Dinas Contoh', 'CONTOH', 'Jalan Contoh 1');
INSERT INTO people (id, name, office, agency_id, roles) VALUES ('gede', 'I Gede Contoh', 'Konseptor', 'dinas', '[]');
INSERT INTO papers (id, feature, kind, agency_id, drafter_id, state, subject, secrecy, urgency, form, steps, created_at, changed_at, places) VALUES ('1', 'letters', 'surat dinas', 'dinas', 'gede', 'draft', 'Undangan', 'biasa', 'biasa', '{}', '[{"order": 1, "act": "signature", "person": "gede", "on_behalf": null}, {"order": 2, "act": "signature", "person": "gede", "on_behalf": null}, {"order": 3, "act": "seal", "person": null, "on_behalf": null}]', '2026-11-22 00:00:00', '2026-11-22 00:00:00', '[]');

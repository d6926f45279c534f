// The strictest OAuth client there is: discovery, pushed and rich requests, PKCE, `iss`, refresh, revocation.
import * as oauth from "oauth4webapi";
import { ask, call, end, refused, setup, visit } from "./talk.mjs";

const { issuer, clientId, secret, key, redirect, way } = setup;
const plain = { [oauth.allowInsecureRequests]: true }; // the test's service is on loopback
const found = await oauth.discoveryRequest(new URL(issuer), { algorithm: "oauth2", ...plain });
const as = await oauth.processDiscoveryResponse(new URL(issuer), found);
const client = { client_id: clientId };
const ways = {
  client_secret_basic: () => oauth.ClientSecretBasic(secret),
  client_secret_post: () => oauth.ClientSecretPost(secret),
  none: () => oauth.None(),
  private_key_jwt: async () => {
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    return oauth.PrivateKeyJwt(await crypto.subtle.importKey("jwk", key, algorithm, false, ["sign"]));
  },
};
const proof = await ways[way]();

async function asked(parameters, { pushed, answer }) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const all = {
    client_id: clientId,
    redirect_uri: redirect,
    response_type: "code",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    ...parameters,
  };
  const url = new URL(as.authorization_endpoint);
  let sent = all;
  if (pushed) {
    const answered = await oauth.pushedAuthorizationRequest(as, client, proof, all, plain);
    const kept = await oauth.processPushedAuthorizationResponse(as, client, answered);
    sent = { client_id: clientId, request_uri: kept.request_uri };
  }
  for (const [name, value] of Object.entries(sent)) url.searchParams.set(name, value);
  const back = await visit(url, answer);
  return { verifier, answer: oauth.validateAuthResponse(as, client, back, state) };
}

async function redeemed({ verifier, answer }) {
  const response = await oauth.authorizationCodeGrantRequest(as, client, proof, answer, redirect, verifier, plain);
  return oauth.processAuthorizationCodeResponse(as, client, response);
}

async function refreshed(token) {
  const response = await oauth.refreshTokenGrantRequest(as, client, proof, token, plain);
  return oauth.processRefreshTokenResponse(as, client, response);
}

async function revoked(token) {
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, proof, token, plain));
}

const service = await redeemed(await asked({ scope: "service" }, { pushed: true }));
const listing = { credentialInfo: true, certificates: "chain", certInfo: true, authInfo: true };
const list = (await call("v2", "credentials/list", listing, service.access_token)).body;
const credential = list.credentialInfos[0];
const { digest } = await ask({ prepare: credential.cert.certificates });
const details = {
  type: "https://cloudsignatureconsortium.org/2025/credential",
  credentialID: credential.credentialID,
  numSignatures: 1,
  hashAlgorithmOID: "2.16.840.1.101.3.4.2.1",
  documentDigests: [{ hash: digest, label: "Surat contoh", hashType: "DTBSR" }],
};
const rich = { authorization_details: JSON.stringify([details]) };
const denied = await refused(() => asked(rich, { pushed: false, answer: "refuse" }));
const granted = await redeemed(await asked(rich, { pushed: true }));
const toSign = {
  credentialID: credential.credentialID,
  hashes: [digest],
  hashAlgorithmOID: details.hashAlgorithmOID,
  signAlgo: credential.key.algo[0],
  signAlgoParams: null,
  operationMode: "S",
};
const signed = await call("v2", "signatures/signHash", toSign, granted.access_token);

const next = await refreshed(service.refresh_token);
const replayed = await refused(() => refreshed(service.refresh_token));
const ended = await refused(() => refreshed(next.refresh_token));
const other = await redeemed(await asked({ scope: "service" }, { pushed: false }));
await revoked(other.refresh_token);
await revoked("unknown");
const after = await call("v2", "credentials/list", {}, other.access_token);
const wrongScope = await refused(() => asked({ scope: "credential-creation" }, { pushed: true }));

let own = null;
if (way !== "none") {
  const response = await oauth.clientCredentialsGrantRequest(as, client, proof, { scope: "service" }, plain);
  own = await oauth.processClientCredentialsResponse(as, client, response);
}

end({
  scope: [service.scope, granted.scope],
  details: granted.authorization_details,
  expected: [details],
  denied: [denied instanceof oauth.AuthorizationResponseError, denied.error],
  signed,
  errors: [replayed, ended, wrongScope].map((error) => [error instanceof oauth.ResponseBodyError, error.error]),
  after: after.status,
  own: own && [own.token_type, own.scope],
});

"""What nobody signs with, at every face that signs: which test shows it.

Passphrase: the doors at which one is typed (`tests/support/typed_doors.py`): `/v1/signatures`, consent to a batch, a
step of `/v1/documents`, `/api/sign/pdf`, `/api/v2/sign/pdf`; each test that takes a `door` is run at each of them.
Secret: those that sign with an authorisation given before (`tests/support/remote_doors.py`): signHash of both versions,
signDoc with documents and with digests. Desk: the pages for people, behind which `/v1/activations` and the
authorization endpoint are. Seal: batches, `credentials/authorize` and `/api/v2/seal/pdf` of a seal that is lent.
Code: `totp` instead of a passphrase at `/api/sign/pdf` and `/api/v2/sign/pdf`, in a session that its official opened.

Everywhere refused means: status and error of that face, nothing in the log of signatures, nothing used up.

another client's
    Passphrase:
        test_another_clients_batch_and_document_are_not_there
        test_another_applications_call_at_the_gateway_is_another_call
    Secret:
        test_with_the_bearer_of_somebody_else
        test_a_sad_with_the_bearer_of_somebody_else_touches_nothing
    Desk:
        test_another_client_reads_and_feeds_nothing
        test_another_person_and_another_client_find_nothing
    Seal:
        test_codes_of_one_credential_are_nothing_to_another
        test_a_seal_is_sealed_with_by_its_client_from_its_network_alone
        test_a_seals_sad_with_another_clients_bearer
        test_somebody_else_s_login_neither_sees_nor_uses_it
    Code:
        test_a_session_is_nothing_to_another_application
another person's, or of no person
    Passphrase:
        test_somebody_elses_passphrase_counts_with_whom_it_was_typed_for
    Secret:
        test_with_the_bearer_of_somebody_else
    Desk:
        test_another_person_sees_nothing_behind_the_link
        test_only_the_browser_that_opened_it_approves
    Seal:
        test_a_person_is_no_seal_even_with_the_right_passphrase
        test_no_passphrase_opens_a_seal_and_guessing_does_not_suspend_it
        test_a_keeper_s_sad_is_the_keeper_s_alone
        test_a_persons_id_is_no_seal
    Code:
        test_a_code_of_another_official_is_wrong
for another credential
    Passphrase:
        test_a_step_of_one_official_is_not_signed_by_another
    Secret:
        test_on_another_credential_of_the_same_person
    Desk:
        test_what_the_consent_does_not_cover_is_refused_and_spends_nothing
    Seal:
        test_on_another_credential_of_the_same_person
        test_a_persons_credential_is_no_seal_and_a_seals_batch_takes_no_consent
    Code:
        test_a_code_of_another_official_is_wrong
        test_a_code_of_a_seal_signs_for_no_person_and_the_other_way_round
again after success
    Passphrase:
        test_the_same_again_after_success_signs_nothing_more
        test_a_repeated_call_of_the_gateway_proves_the_passphrase_again
    Secret:
        test_again_after_success
    Desk:
        test_the_same_consent_a_second_time_is_refused_and_signs_nothing
        test_the_same_consent_a_second_time_signs_nothing
    Seal:
        test_h8_a_used_code_is_used_and_the_same_call_gets_the_same_answer
        test_a_permitted_client_seals_each_document_once
    Code:
        test_a_code_is_for_one_call_and_no_more_files_than_it_says
again after the key failed
    Passphrase:
        test_what_failed_behind_the_key_stays_used_up_and_nothing_is_given_out
        test_a_key_that_does_not_answer_leaves_the_documents_prepared
    Secret:
        test_again_after_the_key_failed
    Desk:
        test_a_key_that_does_not_answer_leaves_the_rest_for_another_consent
    Seal:
        test_after_a_timestamp_failure_the_same_call_goes_on
        test_what_a_killed_job_left_reserved_is_sealed_without_being_counted_again
    Code:
        test_what_a_code_was_used_for_stays_used_up_where_the_key_does_not_answer
        test_after_a_timestamp_failure_the_same_call_with_its_code_goes_on
again after a lost answer
    Passphrase:
        test_the_same_again_after_a_lost_answer_signs_nothing_more
    Secret:
        test_again_after_nobody_got_the_answer
        test_a_replay_after_a_lost_answer_is_refused
    Desk:
        test_what_a_killed_process_left_unsigned_is_asked_for_again_and_nothing_else
    Seal:
        test_killed_three_times_a_sealed_batch_loses_and_doubles_nothing
        test_the_last_document_of_a_permission_is_answered_again
    Code:
        test_the_same_call_with_its_code_again_gets_the_same_documents_and_counts_once
more than authorised
    Passphrase:
        test_one_foreign_digest_among_good_ones_signs_none
    Secret:
        test_more_than_authorised
    Desk:
        test_one_document_more_than_authorised_is_not_signed
        test_a_document_that_came_later_is_not_covered
    Seal:
        test_a_seals_count_in_one_call_and_over_several
        test_nothing_is_sealed_beyond_the_count
        test_one_permission_is_counted_by_batches_and_authorisations_together
        test_without_a_permission_of_staff_nothing_is_sealed
    Code:
        test_a_used_up_session_signs_no_more
twenty at once
    Passphrase:
        test_twenty_at_once_sign_once_at_every_door
        test_of_several_at_the_same_moment_exactly_one_signs
    Secret:
        test_twenty_at_once_sign_once_at_every_door
        test_20_calls_at_once_for_one_digest_make_exactly_one_signature
    Desk:
        test_of_many_approvals_at_once_exactly_one_wins
        test_of_many_approvals_at_once_exactly_one_signs
    Seal:
        test_20_calls_at_once_for_the_last_count_make_exactly_one_signature
        test_20_authorisations_at_once_never_take_more_than_was_lent
        test_of_twenty_different_calls_with_one_code_at_once_exactly_one_seals
    Code:
        test_of_twenty_calls_with_one_code_at_once_exactly_one_signs
not authorised, alone and among good ones
    Passphrase:
        test_one_foreign_digest_among_good_ones_signs_none
    Secret:
        test_more_than_authorised
    Desk:
        test_a_digest_that_is_not_listed_never_arrives
        test_a_letter_that_changed_meanwhile_is_not_signed
    Seal:
        test_h4_h5_h6_the_code_comes_flat_for_so_many_files
        test_digests_of_a_seal_are_enforced
    Code:
        test_a_code_is_for_one_call_and_no_more_files_than_it_says
expired
    Passphrase:
        test_what_the_consent_does_not_cover_is_refused_and_spends_nothing
    Secret:
        test_after_its_time
    Desk:
        test_what_has_expired_is_not_signed
        test_an_expired_request_signs_nothing
    Seal:
        test_a_code_of_one_call_ends_after_minutes
        test_count_only_up_to_its_total_and_its_day
        test_nothing_is_sealed_once_the_day_is_over
    Code:
        test_an_expired_session_signs_nothing_and_sends_nothing
        test_a_code_is_over_after_five_minutes_and_with_the_next_one
revoked, refused, not yet exchanged
    Passphrase:
        test_a_refused_consent_stops_before_anything_is_reserved
    Secret:
        test_one_that_was_revoked_or_never_exchanged
    Desk:
        test_a_refusal_at_the_desk_leaves_nothing_to_exchange
        test_saying_no_ends_the_request
    Seal:
        test_a_seal_that_was_taken_back_seals_nothing_more_in_a_repeated_call
        test_nothing_is_sealed_after_it_was_deactivated_in_between
        test_a_seal_that_was_taken_back_or_suspended
    Code:
        test_a_revoked_session_signs_nothing_from_that_moment_on
        test_without_an_open_session_no_code_is_sent_and_none_is_good
credential suspended, revoked, on hold, expired meanwhile
    Passphrase:
        test_a_credential_that_ended_or_rests_after_everything_was_prepared
    Secret:
        test_what_became_of_the_credential_after_it_was_given
    Desk:
        test_a_credential_stopped_in_between_signs_nothing
    Seal:
        test_a_suspended_seal_seals_nothing
        test_a_seal_that_was_taken_back_or_suspended
        test_a_suspended_seal_seals_nothing_at_the_gateway
    Code:
        test_a_suspended_credential_ends_its_sessions_for_good
a wrong passphrase is counted, with one counter
    Passphrase:
        test_a_wrong_passphrase_is_counted_and_signs_nothing
        test_five_wrong_ones_at_any_doors_lock_every_door
        test_a_vault_that_fails_gives_no_try_back
        test_a_caller_that_hangs_up_gets_no_try_back
        test_parallel_guesses_are_all_counted
        test_ten_guesses_through_one_door_suspend_and_no_door_opens_any_more
    Secret:
        test_a_person_is_no_seal_even_with_the_right_passphrase
    Desk:
        test_a_wrong_passphrase_at_the_desk_is_counted_with_those_of_every_door
    Seal:
        test_five_wrong_tries_end_an_activation
        test_no_passphrase_opens_a_seal_and_guessing_does_not_suspend_it
        test_wrong_codes_for_a_repeated_call_are_counted_and_the_fifth_ends_it
    Code:
        test_the_fifth_wrong_code_ends_the_code
        test_the_tenth_wrong_code_ends_the_session_and_the_official_is_told
somebody else's are never listed
    Passphrase:
        test_nobody_elses_signings_are_listed_by_any_parameter
        test_another_clients_document_looks_like_none
    Secret:
        test_nothing_in_the_request_lists_another_persons_credential
    Desk:
        test_another_person_and_another_client_find_nothing
    Seal:
        test_a_client_bound_token_lists_only_seals_that_are_lent_to_that_client
    Code:
        test_nobody_else_sees_or_ends_a_session
a malformed request uses nothing up
    Passphrase:
        test_a_malformed_request_with_the_right_passphrase_uses_nothing_up
    Secret:
        test_a_malformed_request_uses_nothing_up
    Desk:
        test_a_list_that_is_no_list_names_its_field
        test_one_document_stays_and_after_a_try_nothing_is_taken_in
    Seal:
        test_one_bad_file_costs_no_code
        test_digests_are_as_many_as_signatures_and_none_twice
    Code:
        test_one_bad_file_costs_no_code_of_an_official
a secret of another face
    Passphrase:
        test_secrets_of_one_face_open_nothing_at_another
    Secret:
        test_secrets_of_one_face_open_nothing_at_another
    Desk:
        test_a_recovery_code_signs_nothing
    Seal:
        test_secrets_of_one_face_open_nothing_at_another
    Code:
        test_a_code_of_a_seal_signs_for_no_person_and_the_other_way_round
"""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
FACES = {"Passphrase", "Secret", "Desk", "Seal", "Code"}


def _table() -> dict[str, dict[str, list[str]]]:
    """Names of tests by line and face, as the docstring above has them."""
    table: dict[str, dict[str, list[str]]] = {}
    line = face = ""
    for text in (__doc__ or "").partition("nothing used up.\n")[2].splitlines():
        depth, said = len(text) - len(text.lstrip()), text.strip()
        if depth == 0 and said:
            line, table[said] = said, {}
        elif depth == 4:
            face = said.removesuffix(":")
            table[line][face] = []
        elif said:
            table[line][face].append(said)
    return table


def test_every_line_has_a_test_at_every_face() -> None:
    table = _table()
    assert len(table) == 16
    for line, faces in table.items():
        assert set(faces) == FACES, line
        assert all(faces.values()), line


def test_every_test_of_the_table_is_there() -> None:
    found = {
        name
        for path in TESTS.rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {name for faces in _table().values() for named in faces.values() for name in named} - found == set()

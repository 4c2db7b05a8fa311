//! Stories about the records, each told on both engines.
//!
//! PostgreSQL is the one at `SAMROM_TEST_POSTGRES` (an address whose user may make databases) or a private cluster
//! that this program starts and that ends with it.

mod afterwards;
mod audit;
mod backup;
mod booking;
mod crash;
mod crisis;
mod demo;
mod everything;
mod founding;
mod frozen;
mod links;
mod messages;
mod offices;
mod older;
mod our_agreement;
mod passkeys;
mod people;
mod postgres;
mod requests;
mod responses;
mod rotate;
mod schema;
mod sealed;
mod seats;
mod shared_devices;
mod support;
mod telephone;
mod telling;

/// Tells each story once on SQLite and once on PostgreSQL.
macro_rules! on_both_engines {
    ($($module:ident::$name:ident,)*) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { crate::$module::$name(crate::support::Place::sqlite().await).await; })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { crate::$module::$name(crate::support::Place::postgres().await).await; })*
        }
    };
}

on_both_engines! {
    shared_devices::a_lent_device_opens_after_her_press_only,
    shared_devices::her_press_opens_that_hour_until_it_is_closed,
    shared_devices::closed_is_closed,
    shared_devices::only_those_who_stand_by_her_lend,
    shared_devices::it_is_lent_to_guests_of_that_hour_only,
    shared_devices::each_sees_whom_they_may_lend_to,
    shared_devices::it_is_lent_while_the_door_can_be_open,
    shared_devices::leaving_closes_it_and_a_lost_line_does_not,
    shared_devices::who_came_by_a_link_vouches_for_nobody,
    shared_devices::a_code_on_the_screen_vouches_for_who_scans_it,
    shared_devices::a_browser_that_was_known_by_a_link_is_surer_after_a_code,
    shared_devices::whom_somebody_vouched_for_is_not_the_whole_person,
    founding::it_opens_again_with_its_key,
    founding::a_root_key_is_never_made_over_existing_data,
    founding::another_root_key_is_refused,
    founding::data_without_a_key_check_is_refused,
    audit::a_dropped_write_leaves_nothing,
    audit::a_write_whose_audit_event_fails_leaves_nothing,
    audit::writers_side_by_side_make_one_chain,
    audit::an_altered_entry_is_named,
    audit::a_missing_entry_is_named,
    audit::a_cut_tail_is_seen_and_never_signed_away,
    audit::a_tail_that_was_written_anew_is_not_the_signed_one,
    audit::a_forged_head_is_seen,
    audit::the_head_moves_with_the_chain,
    audit::reading_is_logged_or_not_answered,
    frozen::what_earlier_programs_wrote_is_read_and_goes_on,
    frozen::this_version_can_be_frozen,
    older::records_of_every_older_version_open_and_go_on,
    backup::it_comes_back_on_either_engine,
    backup::it_is_of_one_moment_while_others_write,
    backup::what_is_not_whole_leaves_nothing,
    backup::a_copy_made_without_the_root_key_is_refused,
    backup::a_copy_of_a_newer_version_is_refused,
    backup::nothing_is_written_over,
    backup::a_break_is_copied_and_not_signed_away,
    backup::a_full_disk_ends_a_copy_and_nothing_else,
    rotate::the_new_key_opens_everything_and_the_old_one_nothing,
    rotate::whoever_has_it_open_goes_on,
    rotate::a_crash_on_either_side_of_the_commit_leaves_a_pair,
    rotate::a_failed_exchange_changes_nothing,
    crash::killed_hundreds_of_times_it_loses_nothing,
    crash::killed_while_it_books_and_sends_nothing_is_lost_or_goes_twice,
    crash::killed_while_the_key_is_exchanged_a_pair_is_left,
    crash::killed_while_a_backup_comes_back_it_is_there_or_not,
    audit::a_clock_that_is_put_back_breaks_nothing,
    sealed::names_and_tokens_do_not_lie_in_the_tables,
    sealed::a_sealed_value_opens_in_its_own_place_only,
    sealed::an_organisation_signs_with_its_own_key,
    links::looking_binds_nothing,
    links::a_press_binds_to_one_browser,
    links::a_made_up_link_leads_nowhere,
    links::a_new_link_ends_the_old_one_and_its_browser,
    links::a_browser_that_came_by_a_link_sees_that_meeting_only,
    links::a_full_sign_in_is_the_person,
    links::a_link_has_an_end,
    passkeys::a_ceremony_is_answered_once,
    passkeys::a_ceremony_is_over_after_minutes,
    passkeys::sign_ins_under_way_are_bounded,
    passkeys::a_passkey_is_found_and_signs_in,
    passkeys::the_counter_of_a_passkey_only_rises,
    passkeys::what_is_kept_of_passkeys_is_sealed,
    passkeys::removing_a_passkey_ends_what_it_signed_in,
    passkeys::passkeys_and_sign_ins_are_their_owners,
    passkeys::a_person_sees_and_ends_her_sign_ins,
    passkeys::passkeys_are_bounded_and_belong_to_one_person,
    passkeys::looking_at_a_staff_link_consumes_nothing,
    passkeys::a_staff_link_works_once_and_ends_what_was_before,
    passkeys::a_staff_link_may_keep_what_was_before,
    passkeys::a_staff_link_is_replaced_and_expires,
    passkeys::all_other_sign_ins_end_and_the_rooms_hear_it,
    passkeys::access_ends_at_once,
    passkeys::roles_are_granted,
    passkeys::an_ended_role_is_kept_and_may_be_granted_again,
    passkeys::only_practitioners_get_links_and_roles,
    seats::nothing_speaks_against_an_invited_person,
    seats::an_invitation_is_taken_back_and_given_again,
    seats::a_block_is_put_and_lifted,
    seats::a_meeting_ends_for_one_and_for_all,
    seats::what_others_write_is_counted,
    seats::signing_out_cuts,
    seats::somebody_without_an_invitation_has_no_seat,
    seats::the_day_shows_the_clinicians_own_meetings,
    seats::only_hours_of_the_day_are_read,
    seats::a_moved_hour_is_found_where_it_is,
    seats::admissions_are_remembered_once,
    seats::a_crash_leaves_no_admission_standing,
    seats::a_refusal_is_part_of_the_log,
    seats::signing_out_ends_the_cookie,
    booking::two_presses_are_one_booking,
    booking::nobody_is_booked_twice,
    booking::a_change_is_made_once_and_from_what_was_seen,
    booking::the_door_knows_what_the_calendar_says,
    booking::an_hour_is_over_by_the_clock_or_its_host,
    booking::an_hour_writes_its_record,
    booking::the_record_tells_how_it_was_to_be_held,
    telling::a_booking_is_told_with_it,
    telling::each_change_is_told_and_reminded_of,
    telling::what_was_in_doubt_once_counts_as_told,
    telling::news_is_of_use_until_the_time_that_was_told,
    telling::what_was_never_told_is_invited_to_or_forgotten,
    telling::a_message_about_what_has_changed_never_leaves,
    telling::a_change_that_fails_tells_nothing,
    telling::a_reminder_invites_nobody,
    telling::one_protected_address_keeps_the_link_from_everybody,
    telling::who_no_longer_comes_hears_nothing_more,
    telling::a_protected_address_takes_the_link_back,
    telling::the_last_manner_is_remembered,
    booking::the_rest_of_a_series_is_found,
    booking::nobody_is_visited_by_a_detour,
    booking::an_hour_is_closed_once_and_may_be_corrected,
    booking::tasks_go_to_people_of_the_hour,
    booking::what_is_done_with_her_hour_is_in_her_log,
    booking::an_hour_nobody_of_ours_came_to_is_not_hers,
    booking::an_hour_is_given_to_a_colleague_who_is_free,
    booking::a_clinician_sees_her_own_young_people,
    demo::laying_it_in_twice_changes_nothing,
    demo::there_is_always_a_meeting_open_now,
    demo::demo_links_sign_in,
    messages::a_booking_and_its_messages_are_there_together_or_not_at_all,
    messages::a_message_goes_out_once,
    messages::a_worker_has_one_in_hand,
    messages::a_refusal_waits_and_ends_with_its_reason,
    messages::a_claim_without_a_report_is_a_doubt,
    messages::two_workers_never_take_the_same,
    messages::a_program_killed_between_claim_and_answer_leaves_a_doubt,
    messages::a_link_goes_along_and_a_pressed_one_stays,
    messages::what_cannot_be_sent_is_set_aside_with_its_reason,
    messages::who_is_not_invited_hears_only_that_it_is_off,
    messages::what_has_not_left_is_taken_back,
    messages::addresses_are_sealed_and_reading_them_is_logged,
    people::two_presses_enter_one_young_person,
    people::only_her_care_team_reads_and_changes,
    people::nobody_is_left_without_anybody,
    people::a_graded_persons_contact_stays_with_her_team,
    people::nobody_is_led_to_where_she_must_not_be_found,
    people::people_come_to_stand_around_her,
    people::what_is_others_is_neither_chosen_nor_changed,
    people::what_was_agreed_is_open_until_it_is_done,
    seats::a_small_child_comes_with_her_parents,
    people::only_her_care_team_says_that_she_comes_with_her_parents,
    our_agreement::it_is_written_by_revision_and_sealed,
    our_agreement::only_her_care_team_reads_and_writes,
    our_agreement::two_who_write_at_once_lose_nothing,
    our_agreement::her_hosts_see_it_in_the_room_and_nobody_else,
    our_agreement::points_are_ticked_opened_and_taken_back,
    our_agreement::their_agreement_ticks_itself,
    crisis::a_step_told_twice_is_one,
    crisis::what_was_taken_back_does_not_stand,
    crisis::only_hosts_of_the_hour_note_and_read,
    crisis::each_host_notes_under_their_own_name,
    crisis::times_are_kept_as_they_were,
    crisis::an_hour_takes_so_many_steps_in_its_time,
    telephone::what_is_told_twice_is_one,
    telephone::what_was_said_by_mistake_is_taken_back,
    telephone::a_protected_number_stays_with_those_who_answer_for_her,
    telephone::whoever_reads_no_agreement_is_shown_no_number_that_it_keeps_from_ringing,
    telephone::how_she_was_last_gone_is_known_to_every_page,
    telephone::only_hosts_of_the_hour_say_it_and_see_the_number,
    telephone::she_hears_who_may_ring_unless_they_agreed_on_something_else,
    telephone::the_balance_counts_an_hour_that_was_both,
    afterwards::she_sees_what_was_agreed_with_her,
    afterwards::she_sees_when_they_meet_next_and_met_last,
    afterwards::after_a_safety_signal_nothing_of_hers_is_read_out,
    afterwards::nobody_else_lands_there,
    afterwards::neither_a_lent_device_nor_another_link_lands_there,
    afterwards::she_is_asked_after_an_ordinary_end_and_once_a_week,
    afterwards::ended_while_somebody_was_there_is_no_ordinary_end,
    afterwards::her_clinician_chooses_that_she_is_not_asked,
    afterwards::after_the_crisis_panel_nothing_is_asked,
    afterwards::nobody_else_chooses_that_she_is_not_asked,
    afterwards::what_she_tells_is_sent_once_and_sealed,
    afterwards::what_she_tells_goes_to_that_clinician_alone,
    afterwards::what_she_told_she_takes_back,
    afterwards::a_clinician_who_does_not_answer_for_her_is_not_offered,
    afterwards::few_are_not_shown,
    afterwards::what_is_counted_is_nobodys,
    afterwards::nobody_is_asked_whom_they_did_not_agree_on,
    afterwards::company_is_asked_once,
    afterwards::whom_she_asks_for_company_is_between_them,
    afterwards::a_yes_that_was_taken_back_sends_nothing,
    afterwards::company_comes_soon_or_not_at_all_and_is_no_news_of_the_hour,
    offices::only_administrators_of_that_organisation_administer,
    offices::the_last_administrator_stays,
    offices::somebody_comes_and_goes,
    offices::the_list_of_whoever_stops_goes_to_a_colleague,
    offices::who_works_elsewhere_gets_no_link_here,
    offices::partners_are_ours_to_enter_until_they_administer_themselves,
    offices::who_treats_no_more_is_not_counted,
    offices::helplines_are_shown_where_they_belong,
    requests::a_request_is_sent_once_and_sealed,
    requests::five_requests_are_open_at_most,
    requests::her_clinician_reads_and_a_colleague_only_in_time,
    requests::nobody_from_elsewhere_and_nobody_in_another_role_reads,
    requests::a_deputy_reads_while_she_is_away_and_no_longer,
    requests::what_others_read_hides_nothing,
    requests::whoever_treats_no_more_reads_nothing_and_is_not_named,
    requests::an_absence_is_its_persons_own_and_can_be_taken_back,
    requests::only_a_colleague_who_treats_is_a_deputy,
    requests::she_sees_that_it_was_seen_and_by_whom,
    requests::another_browser_with_a_link_sees_nothing_of_it,
    responses::an_answer_changes_nothing_of_hers,
    responses::only_an_invited_care_worker_answers_and_with_her_knowledge,
    responses::whoever_is_blocked_neither_answers_nor_talks,
    responses::one_answer_never_hides_another,
    responses::the_hour_is_kept_once,
    responses::the_hour_is_called_off_as_told_once,
    responses::the_hour_becomes_a_talk_with_the_staff_and_she_is_told,
    responses::what_is_withheld_has_a_reason_and_is_not_shown,
    responses::a_talk_is_about_her_only_on_a_ground_that_is,
    responses::half_a_decision_is_none,
    schema::no_column_is_for_an_address,
    schema::every_statement_prepares,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_engines_have_the_same_tables() {
    schema::both_engines_have_the_same_tables().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_database_is_given_up_in_time() {
    founding::a_silent_database_is_given_up_in_time().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_folded_lies_in_the_file() {
    founding::what_was_folded_lies_in_the_file().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_tokens_do_not_lie_in_the_sqlite_file() {
    sealed::names_and_tokens_do_not_lie_in_the_sqlite_file().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_child_that_works_until_it_is_killed() {
    crash::work_until_killed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_child_that_claims_and_never_answers() {
    messages::claim_and_never_answer().await;
}

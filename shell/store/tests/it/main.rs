//! Stories about the records, each told on both engines.
//!
//! PostgreSQL is the one at `SAMROM_TEST_POSTGRES` (an address whose user may make databases) or a private cluster
//! that this program starts and that ends with it.

mod audit;
mod demo;
mod founding;
mod links;
mod postgres;
mod schema;
mod sealed;
mod seats;
mod support;

/// Tells each story once on SQLite and once on PostgreSQL.
macro_rules! on_both_engines {
    ($($story:path as $name:ident,)*) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { $story(crate::support::Place::sqlite().await).await; })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { $story(crate::support::Place::postgres().await).await; })*
        }
    };
}

on_both_engines! {
    crate::founding::it_opens_again_with_its_key as it_opens_again_with_its_key,
    crate::founding::a_root_key_is_never_made_over_existing_data as a_root_key_is_never_made_over_existing_data,
    crate::founding::another_root_key_is_refused as another_root_key_is_refused,
    crate::founding::data_without_a_key_check_is_refused as data_without_a_key_check_is_refused,
    crate::audit::a_dropped_write_leaves_nothing as a_dropped_write_leaves_nothing,
    crate::audit::a_write_whose_audit_event_fails_leaves_nothing as a_write_whose_audit_event_fails_leaves_nothing,
    crate::audit::writers_side_by_side_make_one_chain as writers_side_by_side_make_one_chain,
    crate::audit::an_altered_entry_is_named as an_altered_entry_is_named,
    crate::audit::a_missing_entry_is_named as a_missing_entry_is_named,
    crate::audit::a_cut_tail_is_seen_and_never_signed_away as a_cut_tail_is_seen_and_never_signed_away,
    crate::audit::a_tail_that_was_written_anew_is_not_the_signed_one as a_tail_that_was_written_anew_is_not_the_signed_one,
    crate::audit::a_forged_head_is_seen as a_forged_head_is_seen,
    crate::audit::reading_is_logged_or_not_answered as reading_is_logged_or_not_answered,
    crate::audit::the_head_moves_with_the_chain as the_head_moves_with_the_chain,
    crate::sealed::names_and_tokens_do_not_lie_in_the_tables as names_and_tokens_do_not_lie_in_the_tables,
    crate::sealed::a_sealed_value_opens_in_its_own_place_only as a_sealed_value_opens_in_its_own_place_only,
    crate::sealed::an_organisation_signs_with_its_own_key as an_organisation_signs_with_its_own_key,
    crate::links::looking_binds_nothing_and_a_press_binds as looking_binds_nothing_and_a_press_binds,
    crate::links::a_new_link_ends_the_old_one_and_its_browser as a_new_link_ends_the_old_one_and_its_browser,
    crate::links::a_browser_that_came_by_a_link_sees_that_meeting_only as a_browser_that_came_by_a_link_sees_that_meeting_only,
    crate::links::a_link_has_an_end as a_link_has_an_end,
    crate::seats::every_write_moves_its_own_fact_and_tells_the_rooms as every_write_moves_its_own_fact_and_tells_the_rooms,
    crate::seats::somebody_without_an_invitation_has_no_seat as somebody_without_an_invitation_has_no_seat,
    crate::seats::the_day_shows_the_clinicians_own_meetings as the_day_shows_the_clinicians_own_meetings,
    crate::seats::admissions_are_remembered_once as admissions_are_remembered_once,
    crate::seats::signing_out_ends_the_cookie as signing_out_ends_the_cookie,
    crate::demo::laying_it_in_twice_changes_nothing as laying_it_in_twice_changes_nothing,
    crate::demo::there_is_always_a_meeting_open_now as there_is_always_a_meeting_open_now,
    crate::demo::demo_links_sign_in as demo_links_sign_in,
    crate::schema::every_statement_prepares as every_statement_prepares,
    crate::schema::no_column_is_for_an_address as no_column_is_for_an_address,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_engines_have_the_same_tables() {
    schema::both_engines_have_the_same_tables().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_tokens_do_not_lie_in_the_sqlite_file() {
    sealed::names_and_tokens_do_not_lie_in_the_sqlite_file().await;
}

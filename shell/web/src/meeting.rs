//! The page of a meeting: the seat is checked here; what happens in the room is the stage's.

mod pictures;
pub(crate) mod practice;

use askama::Template;
use axum::extract::Path;
use axum::response::Html;
use domain::door::Planned;
use domain::our_agreement::{Gone, OurAgreement, Ring, Then};
use ids::{AppointmentId, ParticipantId, Role, SessionId, Timestamp};
use pictures::{STEPS, Step};
use store::Seat;

use crate::crisis::Panel;
use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::i18n::ScriptJson;
use crate::info::support_words;
use crate::our_agreement::{gone_words, value};
use crate::page::Page;
use crate::request::instead_words;
use crate::telephone::{Telephone, may_ring, then_words};

/// The page with all its views; the stage shows one at a time.
#[derive(Template)]
#[template(path = "meeting/index.html")]
pub(crate) struct MeetingPage {
    page: Page,
    /// The texts that the stage fills in, as JSON.
    texts: ScriptJson,
    session: SessionId,
    /// Whether the page has what only hosts use; the room obeys roles whatever the page shows.
    is_host: bool,
    /// A young person does not see herself unless she asks to, has lines ready for when she cannot speak, and is asked
    /// before a parent comes in (SEC-114).
    is_young: bool,
    /// A young person may ask for something else.
    may_ask: bool,
    /// A young person may say something to those who lead the hour, and to nobody else (SEC-098).
    tells: bool,
    /// An hour of hers to which a care worker may answer.
    answers: Option<AppointmentId>,
    /// An hour of hers for which a care worker may lend this device.
    lends: Option<AppointmentId>,
    /// Whether the device is lent for this hour: nothing is kept on it (SEC-088).
    is_shared: bool,
    /// Whether it is the practice room, which leads nowhere.
    practises: bool,
    /// Who talks with the staff in this hour instead (CARE-04).
    instead: Option<String>,
    /// For her clinician alone: what was agreed for the ways of being gone (CARE-02).
    agreed: Vec<AgreedStep>,
    /// When the hour ends by the book, for those who lead it; nothing ends then (CARE-01).
    ends: Option<Timestamp>,
    /// For her clinician alone: which reaction is her signal (CARE-05).
    signal: Option<HerSignal>,
    /// For those who lead the hour alone (CARE-14).
    crisis: Option<Panel>,
    /// The rest of the hour by telephone; for the same people.
    telephone: Option<Telephone>,
    /// Who may ring her when the line fails.
    may_ring: Option<String>,
    /// The picture mode, in hours of small children who come with an adult.
    pictures: &'static [Step],
    /// Who helps with the technology, and by which code (CARE-15).
    support: Option<String>,
}

/// What was agreed for one way of being gone, for the stage.
pub(crate) struct AgreedStep {
    way: &'static str,
    of: ParticipantId,
    wait_minutes: u8,
    /// Whether the number that stands beside it is rung then.
    rings: bool,
    then: String,
}

/// Her signal: on every other page it is an ordinary reaction, and nothing there tells it from another (CARE-05).
pub(crate) struct HerSignal {
    of: ParticipantId,
    /// As the stage calls the reaction.
    sign: &'static str,
    /// In her words.
    meaning: Option<String>,
}

impl HerSignal {
    fn agreed(of: ParticipantId, agreed: &OurAgreement) -> Option<Self> {
        let sign = value(agreed.signal?);
        Some(Self { of, sign, meaning: agreed.signal_meaning.clone() })
    }
}

impl MeetingPage {
    /// The page for somebody with this role.
    pub(crate) fn new(page: Page, session: SessionId, role: Role) -> Self {
        let modules: &[&str] = if role.is_host() { &["stage", "host"] } else { &["stage"] };
        let texts = page.words.modules_json(modules);
        let is_young = role == Role::YoungPerson;
        Self {
            page,
            texts,
            session,
            is_host: role.is_host(),
            is_young,
            may_ask: is_young,
            tells: is_young,
            answers: None,
            lends: None,
            is_shared: false,
            practises: false,
            instead: None,
            agreed: Vec::new(),
            ends: None,
            signal: None,
            crisis: None,
            telephone: None,
            may_ring: None,
            pictures: &[],
            support: None,
        }
    }
}

/// `GET /meeting/{session}`.
pub(crate) async fn show(ctx: Ctx, Path(session): Path<String>) -> Result<Html<String>, WebError> {
    let session = session.parse().map_err(|_| WebError::NotFound)?;
    let seat = ctx.seat(session).await?;
    let mut page = MeetingPage::new(Page::new(&ctx), seat.session, seat.role);
    let is_answered = seat.role == Role::CareWorker && seat.facts.closing.young_person_invited;
    page.answers = is_answered.then_some(seat.appointment);
    page.lends = page.answers.filter(|_| seat.facts.closing.planned == Planned::OnScreen);
    page.is_shared = ctx.is_shared();
    page.may_ask &= !page.is_shared;
    page.pictures = if seat.facts.closing.comes_with_parents { &STEPS } else { &[] };
    page.instead = instead(&ctx, &page.page, &seat).await?;
    page.may_ring = may_ring(&ctx, &seat).await?;
    page.support = Some(support_words(&ctx, &seat).await?);
    if seat.role.is_host() {
        page.ends = Some(seat.window.ends);
        let agreed = ctx.state.db.agreed_in(ctx.by()?, seat.session).await?;
        let ours = agreed.as_ref().map(|(_, agreed)| agreed);
        // The script knows both or neither; somebody who led this hour until just now has neither.
        page.telephone = Telephone::of(&ctx, &page.page, &seat, ours).await?;
        let panel = Panel::of(&ctx, &page.page, &seat, ours).await?;
        page.crisis = panel.filter(|_| page.telephone.is_some());
        page.telephone = page.telephone.filter(|_| page.crisis.is_some());
        if let Some((of, agreed)) = &agreed {
            page.agreed = when_gone(&page.page, *of, agreed);
            page.signal = HerSignal::agreed(*of, agreed);
        }
    }
    Ok(Html(page.render()?))
}

/// What she is told of this hour, when it was called off and the staff talk in it.
async fn instead(ctx: &Ctx, page: &Page, seat: &Seat) -> Result<Option<String>, WebError> {
    if seat.role != Role::YoungPerson || seat.facts.closing.planned != Planned::Cancelled {
        return Ok(None);
    }
    let told = ctx.state.db.talks_instead(ctx.by()?, seat.key.sign_in).await?;
    let this = told.iter().find(|one| one.appointment == seat.appointment);
    Ok(this.map(|one| instead_words(page, one)))
}

/// What her clinician is told to do when she is gone.
fn when_gone(page: &Page, of: ParticipantId, agreed: &OurAgreement) -> Vec<AgreedStep> {
    let is_hers = agreed.to_ring() == Ring::Her;
    let line = |gone| {
        let step = agreed.step(gone)?;
        Some(AgreedStep {
            way: gone_words(gone).0,
            of,
            wait_minutes: step.wait_minutes,
            rings: step.then == Then::Call || step.then == Then::CallAdult && !is_hers,
            then: then_words(page, agreed, step.then),
        })
    };
    Gone::ALL.into_iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use domain::message::PhoneNumber;
    use domain::our_agreement::{Adult, Reach, Step};
    use store::{Helplines, HerNumber};

    use super::*;
    use crate::helplines::Help;
    use crate::i18n::Lang;
    use crate::state::Numbers;

    fn page(lang: Lang, role: Role) -> String {
        with(lang, role, Some(&agreed(true)))
    }

    fn with(lang: Lang, role: Role, agreed: Option<&OurAgreement>) -> String {
        reached(lang, role, (agreed, &HerNumber::Missing))
    }

    fn reached(lang: Lang, role: Role, (agreed, number): (Option<&OurAgreement>, &HerNumber)) -> String {
        let session = SessionId::from_bytes([7; 16]);
        let mut page = MeetingPage::new(Page::sample(lang), session, role);
        let help = || {
            Help::from_parts(
                &Helplines::default(),
                &Numbers::default(),
                None,
                domain::people::Language::Bokmal,
            )
        };
        page.crisis = role
            .is_host()
            .then(|| Panel::from_parts(&page.page, ParticipantId::from_bytes([6; 16]), agreed, help()));
        page.telephone = role.is_host().then(|| Telephone::from_parts(&page.page, number, agreed));
        page.may_ring = (role == Role::YoungPerson).then(|| "Kari".to_owned());
        page.render().expect("the template renders")
    }

    fn agreed(may_be_rung: bool) -> OurAgreement {
        OurAgreement {
            reach: Some(Reach::Call),
            answers: Some("etter tre".to_owned()),
            hard: Some("gå en tur".to_owned()),
            adult: Some(Adult {
                name: "Mormor <3".to_owned(),
                phone: Some("+4799887766".to_owned()),
                may_be_rung,
                may_look_in: false,
            }),
            ..OurAgreement::default()
        }
    }

    #[test]
    fn the_page_renders_in_every_language_with_every_text() {
        for lang in Lang::ALL {
            let html = page(lang, Role::Host);
            for key in [
                ">meeting-",
                ">stage-",
                ">host-",
                ">crisis-",
                "\"crisis-did",
                ">admin-",
                ">telephone-",
                "never=\"telephone-",
            ] {
                let found = html.split(key).nth(1).and_then(|rest| rest.split(['<', '"']).next());
                assert_eq!(found, None, "{}: a key stands where a text should", lang.code());
            }
            assert!(!html.contains(" style="), "inline styles are forbidden (SEC-011)");
        }
    }

    #[test]
    fn small_children_have_pictures_and_nobody_else_carries_them() {
        let session = SessionId::from_bytes([7; 16]);
        for (role, steps) in [(Role::Host, STEPS.len()), (Role::YoungPerson, STEPS.len())] {
            let mut page = MeetingPage::new(Page::sample(Lang::Nb), session, role);
            assert!(!page.render().expect("the template renders").contains("data-pictures"));
            page.pictures = &STEPS;
            let html = page.render().expect("the template renders");
            assert_eq!(html.matches("data-pictures").count(), steps, "{role:?}");
            assert_eq!(html.contains("data-do=\"lead\""), role.is_host(), "an adult leads");
            assert_eq!(html.contains("data-do=\"picture\""), !role.is_host(), "a child answers");
        }
    }

    #[test]
    fn only_hosts_get_the_hosts_tools_and_only_the_young_are_hidden_from_themselves() {
        let (host, young) = (page(Lang::Nb, Role::Host), page(Lang::Nb, Role::YoungPerson));
        assert!(host.contains("id=\"lobby-list\"") && !young.contains("id=\"lobby-list\""));
        assert!(host.contains("end-for-all") && !young.contains("data-do=\"end-for-all\""));
        assert!(host.contains("id=\"lobby-line\"") && !young.contains("id=\"lobby-line\""));
        assert!(host.contains("\"title-waits\"") && !young.contains("\"title-waits\""));
        assert!(young.contains("data-hides-self") && !host.contains("data-hides-self"));
        for asks in ["id=\"asked\"", "id=\"asked-line\"", "data-do=\"answer-yes\""] {
            assert!(young.contains(asks) && !host.contains(asks), "{asks}");
            assert!(
                !page(Lang::Nb, Role::Guardian).contains(asks),
                "{asks}: nobody waits to be asked about herself"
            );
        }
    }

    #[test]
    fn what_is_said_to_the_hosts_alone_is_hers_to_say_and_theirs_to_read() {
        let young = page(Lang::Nb, Role::YoungPerson);
        assert!(young.contains("id=\"tell-opening\"") && young.contains("maxlength=\"300\""));
        assert_eq!(
            young.matches("data-part=\"tell\"").count(),
            2,
            "it moves from the check to the waiting page"
        );
        assert!(!young.contains("id=\"confided\"") && page(Lang::Nb, Role::Host).contains("id=\"confided\""));
        for role in [Role::Host, Role::Guardian, Role::CareWorker, Role::Interpreter] {
            assert!(!page(Lang::Nb, role).contains("id=\"tell"), "{role:?}");
        }
    }

    #[test]
    fn care_05_everybody_says_who_is_in_the_room_and_nobody_vouches_for_it() {
        for role in [Role::Host, Role::YoungPerson, Role::Guardian] {
            let html = page(Lang::Nb, role);
            let boxes = html.matches("data-do=\"around\"").count();
            assert_eq!(boxes, 12, "{role:?}: six things, twice, kept in step");
            assert!(html.contains("det de selv sier"), "CARE-05: never worded as proof");
        }
    }

    #[test]
    fn care_14_the_panel_is_the_hosts_alone_and_stands_outside_the_stage() {
        let host = page(Lang::Nb, Role::Host);
        let at = |text: &str| host.find(text).unwrap_or_else(|| panic!("{text} stands there"));
        assert!(at("id=\"crisis\"") < at("<main"), "what the stage replaces is not around it");
        for number in ["113", "112", "116117"] {
            assert!(host.contains(&format!("href=\"tel:{number}\"")), "{number}");
        }
        assert!(host.contains("href=\"tel:+4799887766\">+47 998 87 766</a>") && host.contains("gå en tur"));
        assert!(host.contains("crisis.js") && host.contains("crisis.css"));
        for role in [Role::YoungPerson, Role::Guardian, Role::CareWorker, Role::Interpreter] {
            let page = page(Lang::Nb, role);
            assert!(!page.contains("crisis") && !page.contains("tel:"), "{role:?}");
        }
    }

    #[test]
    fn care_14_an_adult_who_may_not_be_rung_is_no_link_and_no_agreement_is_said() {
        let host = with(Lang::Nb, Role::Host, Some(&agreed(false)));
        assert!(host.contains("ikke ringes") && !host.contains("tel:+47"), "one press too near");
        let host = with(Lang::Nb, Role::Host, None);
        assert!(
            host.contains("Det er ingen avtale å vise her.") && host.contains("data-step=\"rang-adult\"")
        );
        assert!(host.contains("Nummeret til barnevernvakta er ikke lagt inn her."));
    }

    /// CARE-03: whom to ring is who was agreed on, and a number that is not shown is said not to be.
    #[test]
    fn the_rest_by_telephone_shows_the_agreed_number_and_says_what_is_missing() {
        let hers = HerNumber::Known(PhoneNumber::parse("99 11 22 33").expect("a number"));
        let after = |html: &str| html.split_once("id=\"telephone\"").expect("it stands there").1.to_owned();
        let shown =
            |agreed: Option<&OurAgreement>, number| after(&reached(Lang::Nb, Role::Host, (agreed, number)));
        let html = shown(None, &hers);
        assert!(html.contains("href=\"tel:+4799112233\">+47 991 12 233</a>"), "{html}");
        assert!(html.contains("Det er ingen avtale å vise her om hva dere gjør"));
        assert!(html.contains("ikke ring før tiden dere har avtalt"), "CARE-03");
        let through = OurAgreement {
            reach: Some(Reach::Adult),
            line_lost: Some(Step { wait_minutes: 10, then: Then::CallAdult }),
            ..agreed(true)
        };
        let html = shown(Some(&through), &hers);
        assert!(html.contains("href=\"tel:+4799887766\"") && !html.contains("tel:+4799112233"), "not hers");
        assert!(html.contains("vent 10 minutter. Ring så Mormor &#60;3, +47 998 87 766."), "{html}");
        for (number, words) in [
            (HerNumber::Missing, "Det er ikke lagt inn noe telefonnummer"),
            (HerNumber::Protected, "Adressen er gradert. Nummeret vises bare"),
        ] {
            let html = after(&reached(Lang::Nb, Role::Host, (None, &number)));
            assert!(html.contains(words) && !html.contains("tel:"), "SEC-072: {words}");
        }
        let young = page(Lang::Nb, Role::YoungPerson);
        assert!(young.contains("kan det hende at Kari ringer deg") && !young.contains("id=\"telephone\""));
        assert!(!page(Lang::Nb, Role::Guardian).contains("kan det hende at"));
    }

    #[test]
    fn the_room_has_no_link_that_would_leave_it() {
        let html = page(Lang::Nb, Role::YoungPerson);
        let room = html.split_once("id=\"view-room\"").expect("there is a room").1;
        let room = room.split_once("id=\"view-out\"").expect("and a way out of it").0;
        assert!(!room.contains("<a "), "a page in the background sleeps on a phone, and the talk with it");
        assert!(html.contains("href=\"/practice\""), "before it, there is one");
        assert!(!page(Lang::Nb, Role::Host).contains("href=\"/practice\""));
    }
}

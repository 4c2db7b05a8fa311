//! Samples of the pages of lent devices.

use domain::vouching::NotLent;
use ids::{AppointmentId, InvitationId, Timestamp};

use super::MARKER;
use crate::day::Code;
use crate::i18n::Lang;
use crate::page::Page;
use crate::shared::{CodePage, Guest, HerePage, LendPage};

const AT: Timestamp = Timestamp::from_millis(1_795_250_000_000);

fn lend(lang: Lang, guests: u8, may_vouch: bool, refused: Option<NotLent>) -> LendPage {
    let guest = |number| Guest {
        invitation: InvitationId::from_bytes([number; 16]),
        name: format!("Nora {MARKER}"),
        role_key: "plan-role-young",
    };
    LendPage {
        page: Page::sample(lang),
        id: AppointmentId::from_bytes([8; 16]),
        when: "i dag 14.00".to_owned(),
        people: (0..guests).map(guest).collect(),
        may_vouch,
        may_show: may_vouch,
        refused,
        opens: AT,
        problem: (guests > 1).then_some("shared-not-who"),
    }
}

/// Every page of this feature.
pub(super) fn shared(lang: Lang) -> [(&'static str, askama::Result<String>); 9] {
    use askama::Template;
    let code = CodePage {
        page: Page::sample(lang),
        id: AppointmentId::from_bytes([8; 16]),
        name: format!("Nora {MARKER}"),
        until: AT,
        code: Code { side: 29, path: "M4 4h1v1h-1z".to_owned() },
        address: "https://samrom.example/j/abc".to_owned(),
    };
    let here = HerePage { page: Page::sample(lang), who: "Kari".to_owned(), when: "i dag".to_owned() };
    [
        ("lend", lend(lang, 1, true, None).render()),
        ("lend to one of two", lend(lang, 2, true, None).render()),
        ("lend as one who came by a link", lend(lang, 1, false, None).render()),
        ("lend to nobody", lend(lang, 0, true, None).render()),
        ("lend too early", lend(lang, 1, true, Some(NotLent::TooEarly)).render()),
        ("lend too late", lend(lang, 1, true, Some(NotLent::Over)).render()),
        ("lend for an hour off the screen", lend(lang, 1, true, Some(NotLent::OffScreen)).render()),
        ("code for a telephone", code.render()),
        ("lent", here.render()),
    ]
}

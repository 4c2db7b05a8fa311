//! What the pages get from the server: records, clock, randomness, the way into rooms, and settings.

use std::sync::Arc;

use jiff::tz::TimeZone;
use store::Db;
use web::i18n::Lang;
use web::{AppState, Assets, DemoLink, Numbers, Ports, Settings, Support, WaitingNow};

use crate::config::{Config, Language};
use crate::rooms::Rooms;
use crate::{clock, config, entropy, socket};

/// The parts that every address of the server shares.
pub(crate) struct Pages {
    /// The records.
    pub(crate) db: Db,
    /// The rooms.
    pub(crate) rooms: Rooms,
    /// Language of those who asked for none.
    pub(crate) language: Language,
    /// The zone in which times are written.
    pub(crate) time_zone: TimeZone,
}

impl Pages {
    /// The state behind the pages of one address.
    pub(crate) fn state(&self, config: &Config, base_url: String, demo: Option<Vec<DemoLink>>) -> AppState {
        let settings = Settings {
            base_url,
            texts: config.sms.url.is_some() || demo.is_some(),
            demo,
            language: match self.language {
                Language::Bokmal => Lang::Nb,
                Language::Nynorsk => Lang::Nn,
                Language::English => Lang::En,
            },
            time_zone: self.time_zone.clone(),
            rules: config.messages.rules.clone(),
            numbers: Numbers {
                child_line: config.numbers.child_line.clone(),
                doctor: config.numbers.doctor.clone(),
                emergency: config.numbers.emergency.clone(),
                police: config.numbers.police.clone(),
                ..Numbers::default()
            },
            support: support(&config.support),
        };
        AppState::new(self.db.clone(), self.ports(), settings, Assets::embedded())
    }

    fn ports(&self) -> Ports {
        let (db, rooms) = (self.db.clone(), self.rooms.clone());
        let waiting = self.rooms.clone();
        let (codes, log) = (self.rooms.connections().clone(), self.rooms.connections().clone());
        Ports {
            clock: Arc::new(clock::wall),
            salt: entropy::bytes(),
            sockets: Arc::new(move |handover| Box::pin(socket::carry(handover, db.clone(), rooms.clone()))),
            waiting: Arc::new(move |sessions| {
                let people = waiting.waiting().of(sessions).into_iter();
                people
                    .map(|(session, participant, since)| WaitingNow { session, participant, since })
                    .collect()
            }),
            support_code: Arc::new(move |seat, organization, what| codes.code(seat, organization, what)),
            connection_log: Arc::new(move |organization, code| log.find(organization, code)),
        }
    }
}

fn support(configured: &config::Support) -> Option<Support> {
    let config::Support { phone, hours } = configured.clone();
    (!phone.is_empty()).then_some(Support { phone, hours })
}

//! Random histories of hours: booked, moved, converted, handed over, called off and closed, in series, from two tabs,
//! pressed twice, across restarts and the weeks in which the clocks change, while messages leave, fail and get lost.
//!
//! At the end the records, the outbox and the calendars of those who were told agree with a model on paper; the
//! calendars are read by another program. `SAMROM_HISTORIES` says how many.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::audit::Purpose;
use domain::booking::{Change, Span};
use domain::closing::{Outcome as Became, Travel};
use domain::meeting::{Cause, MeetingKind, Mode, Party, Window};
use domain::message::{
    Channel, Contact, MailAddress, MessageKind, Notice, Outcome, Reason, Rules, State, Timetable, Wording,
};
use domain::people::{Language, OrganizationKind};
use ids::{AppointmentId, InvitationId, OrganizationId, PersonId, Personal, Role, Timestamp};
use jiff::tz::TimeZone;
use store::{
    By, Claim, Closing, Db, Meeting, MessageLine, Name, NewAppointment, NewBooking, NewPerson, Options,
    Parcel, PersonKind, StoreError, Wanted, Worker,
};
use web::message::Composer;

use crate::messages::understood;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const LEASE: Duration = Duration::from_secs(300);
const POST: Worker<'_> = Worker { name: "post-1", channel: Channel::Mail, host: "rom.example.no" };
/// Histories unless `SAMROM_HISTORIES` says otherwise.
const USUALLY: u64 = 150;
/// Histories that share a database.
const PER_DATABASE: u64 = 50;
/// Steps of one history.
const STEPS: u64 = 24;

/// Numbers by no visible rule, the same in every run (Knuth's linear congruence).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % sides).expect("small")
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).expect("small")]
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }
}

/// An hour on paper.
#[derive(Debug, Clone, PartialEq)]
struct Paper {
    span: Span,
    mode: Mode,
    host: PersonId,
    sequence: u32,
    off: bool,
    closed: bool,
    notice: bool,
    guests: Vec<PersonId>,
}

impl Paper {
    fn stands(&self) -> bool {
        !self.off
    }
}

/// What stands in somebody's calendar: by the file's identifier, the sequence and the time.
type Agenda = BTreeMap<String, (u32, i64, i64)>;

/// One history under way.
struct History {
    number: u64,
    dice: Dice,
    now: Timestamp,
    hosts: [PersonId; 2],
    nora: PersonId,
    mona: PersonId,
    organization: OrganizationId,
    paper: BTreeMap<AppointmentId, Paper>,
    /// Whose invitation to what.
    invited: BTreeMap<InvitationId, (PersonId, AppointmentId)>,
    /// Files in the order in which they arrived, and whose.
    arrived: Vec<(PersonId, String)>,
}

/// What the calendars of one history have to be in the end.
struct Due {
    number: u64,
    files: Vec<(PersonId, String)>,
    /// By identifier: the time it must show, or that it must not be there.
    wanted: BTreeMap<(PersonId, String), Option<(i64, i64)>>,
}

fn timetable() -> Timetable {
    let zone = TimeZone::get("Europe/Oslo").expect("the zone data is bundled");
    Timetable { rules: Rules::default(), zone }
}

fn composer() -> Composer {
    Composer {
        base_url: "https://rom.example.no".to_owned(),
        zone: timetable().zone,
        from: MailAddress::parse("avtale@example.no").expect("an address"),
        link_in_calendar: false,
    }
}

async fn person(db: &Db, organization: OrganizationId, kind: PersonKind, at: Timestamp) -> PersonId {
    let name = Name { given: Personal::new("A".to_owned()), family: Personal::new("B".to_owned()) };
    let new = NewPerson { organization, kind, name, phone: None, language: Language::Bokmal };
    let id = db.add_person(By::operator(at), &new).await.expect("written");
    if kind != PersonKind::Practitioner {
        let mail = MailAddress::parse(&format!("{}@example.org", id.to_string().replace('-', ""))).ok();
        let contact = Contact { mail, phone: None, wanted: None };
        db.set_contact(By::operator(at), id, &contact).await.expect("written");
    }
    id
}

impl History {
    /// In a week that is far from every other history's, so that no message of another waits in it; every other one in
    /// a week in which the clocks change.
    async fn begin(db: &Db, organization: OrganizationId, number: u64) -> Self {
        let changes = ["2026-10-23T06:00:00Z", "2027-03-26T06:00:00Z"];
        let moment: jiff::Timestamp = changes[(number % 2) as usize].parse().expect("a moment");
        let dice = Dice(number.wrapping_mul(7_919).wrapping_add(17));
        let now = Timestamp::from_millis(moment.as_millisecond());
        let staff = PersonKind::Practitioner;
        let hosts = [person(db, organization, staff, now).await, person(db, organization, staff, now).await];
        let nora = person(db, organization, PersonKind::Patient, now).await;
        let mona = person(db, organization, PersonKind::RelatedPerson, now).await;
        let (paper, invited, arrived) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        Self { number, dice, now, hosts, nora, mona, organization, paper, invited, arrived }
    }

    fn by(&self) -> By {
        By::person(self.hosts[0], self.now)
    }

    fn random_span(&mut self) -> Span {
        let quarter = 15 * MINUTE;
        let from = self.now.as_millis().div_euclid(quarter) + 1;
        let starts = (from + self.dice.below(4 * 24 * 9)) * quarter;
        let minutes = self.dice.of(&[10, 20, 30, 45]);
        Span::new(Timestamp::from_millis(starts), Duration::from_secs(minutes * 60))
    }

    /// On paper: whether an hour fits beside all others.
    fn fits(&self, but: Option<AppointmentId>, hour: &Paper, pause: Duration) -> bool {
        let others = self.paper.iter().filter(|(id, other)| Some(**id) != but && other.stands());
        let mut people = hour.guests.clone();
        people.push(hour.host);
        for (_, other) in others {
            let shared = other.guests.iter().chain([&other.host]).any(|one| people.contains(one));
            let overlap = other.span.starts < hour.span.ends && hour.span.starts < other.span.ends;
            let screens = other.mode == Mode::Video && hour.mode == Mode::Video;
            let pause = i64::try_from(pause.as_millis()).expect("short");
            let near = other.span.starts.as_millis() < hour.span.ends.as_millis() + pause
                && hour.span.starts.as_millis() < other.span.ends.as_millis() + pause;
            let own = other.guests.iter().chain([&other.host]).any(|one| *one == hour.host);
            if (shared && overlap) || (own && screens && near) {
                return false;
            }
        }
        true
    }

    fn some_hour(&mut self) -> Option<(AppointmentId, Paper)> {
        if self.paper.is_empty() {
            return None;
        }
        let index = usize::try_from(self.dice.below(self.paper.len() as u64)).expect("small");
        self.paper.iter().nth(index).map(|(id, paper)| (*id, paper.clone()))
    }

    async fn book(&mut self, db: &Db) {
        let mut spans = vec![self.random_span()];
        // A series: the same hour in the weeks after, by the clock on the wall.
        for _ in 0..self.dice.below(4).saturating_sub(1) {
            let last = spans.last().expect("one").starts.as_millis();
            let at = jiff::Timestamp::from_millisecond(last).expect("a moment").to_zoned(timetable().zone);
            let next = at.checked_add(jiff::Span::new().days(7)).expect("soon").timestamp().as_millisecond();
            let length = spans[0].ends.since(spans[0].starts);
            spans.push(Span::new(Timestamp::from_millis(next), length));
        }
        let mode = self.dice.of(&Mode::ALL);
        let mut guests = vec![self.nora];
        guests.extend(self.dice.coin().then_some(self.mona));
        let notice = (self.dice.below(8) != 0)
            .then(|| Notice { wording: self.dice.of(&Wording::ALL), with_link: self.dice.coin() });
        let pause = Duration::from_secs(if self.dice.coin() { 300 } else { 0 });
        for (number, span) in spans.into_iter().enumerate() {
            let id = db.new_appointment_id(self.now).expect("randomness");
            let host = self.hosts[0];
            let roles = [(self.nora, Role::YoungPerson), (self.mona, Role::Guardian)];
            let people = roles.into_iter().filter(|(one, _)| guests.contains(one)).collect();
            let new = NewBooking {
                id,
                appointment: NewAppointment {
                    organization: self.organization,
                    kind: MeetingKind::Consultation,
                    mode,
                    patient: Some(self.nora),
                    responsible: host,
                    window: Window::new(span.starts, span.ends),
                    sign: Some(Personal::new("Blå fugl".to_owned())),
                    notice,
                },
                people,
                pause,
                tell_from: (number > 0).then(|| Timestamp::from_millis(span.starts.as_millis() - 7 * DAY)),
            };
            let told = notice.is_some();
            let paper = Paper {
                span,
                mode,
                host,
                sequence: 0,
                off: false,
                closed: false,
                notice: told,
                guests: guests.clone(),
            };
            let fits = self.fits(None, &paper, pause);
            // A button pressed twice.
            for _ in 0..=self.dice.below(2) {
                match db.book(self.by(), &new, &timetable()).await {
                    Ok(_) => assert!(fits, "it was booked although it does not fit: {paper:?}"),
                    Err(StoreError::Booking(why)) => assert!(!fits, "{why}: {paper:?}"),
                    Err(error) => panic!("{error}"),
                }
            }
            if fits {
                self.paper.insert(id, paper);
                let meeting = self.meeting(db, id).await;
                let whose = meeting.people.iter().map(|one| (one.invitation.id, (one.invitation.person, id)));
                self.invited.extend(whose);
            }
        }
    }

    /// Moves, converts or calls off, perhaps from an older tab, perhaps pressed twice.
    async fn change(&mut self, db: &Db) {
        let Some((id, before)) = self.some_hour() else { return };
        let change = match self.dice.below(4) {
            0 | 1 => Change::Move(self.random_span()),
            2 => Change::Convert(self.dice.of(&Mode::ALL)),
            _ => Change::Cancel { by: Party::Clinic, cause: Cause::Ill },
        };
        let seen = if self.dice.below(4) == 0 { before.sequence.wrapping_sub(1) } else { before.sequence };
        let mut after = before.clone();
        let same = match change {
            Change::Move(span) => {
                after.span = span;
                !before.off && span == before.span
            }
            Change::Convert(mode) => {
                after.mode = mode;
                !before.off && mode == before.mode
            }
            Change::Cancel { .. } => {
                after.off = true;
                before.off
            }
        };
        let pause = Duration::from_secs(300);
        let may = !before.off && !before.closed && seen == before.sequence;
        let fits = after.off || self.fits(Some(id), &after, pause);
        for _ in 0..=self.dice.below(2) {
            let wanted = Wanted { appointment: id, change, seen, pause };
            match db.change_appointment(self.by(), wanted, &timetable()).await {
                Ok(_) => assert!(same || (may && fits), "{change:?} of {before:?}"),
                Err(StoreError::Booking(why)) => {
                    assert!(!(same || (may && fits)), "{why}: {change:?} of {before:?}");
                }
                Err(error) => panic!("{error}"),
            }
        }
        if !same && may && fits {
            after.sequence += 1;
            self.paper.insert(id, after);
        }
    }

    async fn hand_over(&mut self, db: &Db) {
        let Some((id, before)) = self.some_hour() else { return };
        let to = self.dice.of(&self.hosts);
        let same = to == before.host;
        let mut after = Paper { host: to, ..before.clone() };
        let taken =
            self.paper.iter().filter(|(other, hour)| **other != id && hour.stands()).any(|(_, hour)| {
                hour.host == to && hour.span.starts < before.span.ends && before.span.starts < hour.span.ends
            });
        let may = !before.off && !before.closed && !taken;
        match db.hand_over(self.by(), (id, before.sequence), to, &timetable()).await {
            Ok(()) => assert!(same || may, "to somebody who is taken"),
            Err(StoreError::Booking(why)) => assert!(!same && !may, "{why}"),
            Err(error) => panic!("{error}"),
        }
        if !same && may {
            after.sequence += 1;
            self.paper.insert(id, after);
        }
    }

    async fn close(&mut self, db: &Db) {
        let Some((id, before)) = self.some_hour() else { return };
        let closing = Closing {
            outcome: Became::Held { mode: before.mode },
            usefulness: None,
            support_talk: false,
            partly_phone: false,
            travel: Travel::default(),
            tasks: Vec::new(),
        };
        let by = By::person(before.host, self.now);
        let done = db.close_appointment(by, id, 0, &closing).await;
        let may = !before.off && before.span.starts <= self.now;
        if before.closed {
            return;
        }
        assert_eq!(done.is_ok(), may, "{done:?} at {:?}: {before:?}", self.now);
        if may {
            self.paper.insert(id, Paper { closed: true, ..before });
        }
    }

    /// A message leaves: what it says is so at that moment.
    fn holds(&self, parcel: &Parcel, appointment: AppointmentId) {
        let paper = &self.paper[&appointment];
        assert_eq!(parcel.kind == MessageKind::Cancelled, paper.off, "{parcel:?} of {paper:?}");
        assert_eq!(parcel.time, (paper.span.starts, paper.span.ends), "it says another time");
        assert_eq!((parcel.way, parcel.sequence), (paper.mode, paper.sequence));
        if parcel.kind == MessageKind::Reminder {
            assert!(self.now <= paper.span.starts, "a reminder that comes too late");
        }
    }

    /// Messages go out; each is taken, refused, lost or unknown. `calm`: all are taken.
    async fn send(&mut self, db: &Db, calm: bool) {
        for _ in 0..200 {
            let claim = db.claim_message(POST, LEASE, self.now).await.expect("answered");
            let parcel = match claim {
                Claim::Nothing => return,
                Claim::SetAside(..) => continue,
                Claim::Taken(parcel) => *parcel,
            };
            let (person, appointment) = self.invited[&parcel.invitation];
            self.holds(&parcel, appointment);
            let again = Some(self.now.plus(Duration::from_secs(60)));
            let luck = if calm { 0 } else { self.dice.below(8) };
            let (outcome, arrives) = match luck {
                0..=3 => (Some(Outcome::Accepted), true),
                4 => (Some(Outcome::Refused(Reason::Refused)), false),
                5 => (Some(Outcome::NotYet { why: Reason::Busy, again }), false),
                6 => (Some(Outcome::Unknown(Reason::Silence)), self.dice.coin()),
                // The program is killed in between.
                _ => (None, self.dice.coin()),
            };
            match outcome {
                Some(outcome) => _ = db.settle_message(parcel.key, outcome, self.now).await.expect("written"),
                None => assert_eq!(db.doubt_what_was_in_hand(POST.name, self.now).await.expect("written"), 1),
            }
            if arrives && let Some(file) = composer().compose(&parcel, self.now).calendar {
                self.arrived.push((person, file.text.into_revealed()));
            }
        }
    }

    async fn meeting(&self, db: &Db, id: AppointmentId) -> Meeting {
        db.meeting(By::operator(self.now), Purpose::Review, id).await.expect("answered")
    }

    /// Somebody presses *send once more* on everything that is stuck.
    async fn press(&mut self, db: &Db) {
        let Some((id, _)) = self.some_hour() else { return };
        for line in self.lines(db, id).await {
            let stuck = matches!(line.progress.state, State::Failed | State::InDoubt);
            let may = stuck && !line.superseded && self.now <= line.progress.useless_after;
            let done = db.send_message_again(self.by(), line.id).await.expect("answered");
            assert_eq!(done, may, "{line:?}");
        }
    }

    async fn tell(&mut self, db: &Db) {
        let Some((id, paper)) = self.some_hour() else { return };
        let notice = Notice { wording: Wording::Plain, with_link: false };
        db.tell_now(self.by(), id, notice, &timetable()).await.expect("written");
        self.paper.insert(id, Paper { notice: true, ..paper });
    }

    async fn lines(&self, db: &Db, id: AppointmentId) -> Vec<MessageLine> {
        db.messages_of(By::operator(self.now), Purpose::Review, id).await.expect("answered")
    }

    async fn step(&mut self, db: &mut Db, options: &Options) {
        match self.dice.below(16) {
            0..=3 => self.book(db).await,
            4..=7 => self.change(db).await,
            8 => self.hand_over(db).await,
            9 => self.close(db).await,
            10 | 11 => self.send(db, false).await,
            12 => self.press(db).await,
            13 => self.tell(db).await,
            14 if self.dice.below(8) == 0 => *db = Db::open(options).await.expect("it opens again"),
            _ => {
                let hours = self.dice.of(&[1, 5, 14, 30]);
                self.now = Timestamp::from_millis(self.now.as_millis() + hours * 60 * MINUTE);
            }
        }
        if self.dice.below(6) == 0 {
            self.agrees(db).await;
        }
    }

    /// What waits says what is so; records are as on paper.
    async fn agrees(&self, db: &Db) {
        for (id, paper) in &self.paper {
            let meeting = self.meeting(db, *id).await;
            let hour = &meeting.appointment;
            let record = (hour.window.starts, hour.window.ends, hour.mode, hour.responsible, hour.sequence);
            let wanted = (paper.span.starts, paper.span.ends, paper.mode, paper.host, paper.sequence);
            assert_eq!(record, wanted);
            assert_eq!((hour.cancelled.is_some(), hour.notice.is_some()), (paper.off, paper.notice));
            for line in self.lines(db, *id).await {
                // A try that was refused for now may wait beside a change; it is set aside when its turn comes.
                let waits = line.progress.state == State::Queued && line.progress.tries == 0;
                assert!(!waits || !line.superseded, "SEC-065: an old message waits: {line:?}");
                assert!(!waits || !paper.off || line.kind == MessageKind::Cancelled, "{line:?}");
            }
        }
    }

    /// Lets everything run out, and says what the calendars have to be.
    async fn end(mut self, db: &Db) -> Due {
        for _ in 0..90 {
            self.send(db, true).await;
            self.now = Timestamp::from_millis(self.now.as_millis() + 12 * 60 * MINUTE);
        }
        self.agrees(db).await;
        let mut wanted = BTreeMap::new();
        for (id, paper) in &self.paper {
            let meeting = self.meeting(db, *id).await;
            let lines = self.lines(db, *id).await;
            for person in &paper.guests {
                let invited =
                    meeting.people.iter().find(|one| one.invitation.person == *person).expect("invited");
                let uid = invited.invitation.id.to_string();
                let news = |line: &&MessageLine| line.person == *person && line.kind.is_news();
                let told = lines.iter().rfind(|line| news(line) && line.progress.state != State::Withdrawn);
                match told.map(|line| line.progress.state) {
                    // Never told of, or told that it is off: it stands in no calendar.
                    None if paper.off || !paper.notice => _ = wanted.insert((*person, uid), None),
                    None => panic!("somebody was never told: {paper:?} {lines:?}"),
                    Some(State::Sent) => {
                        let time = (paper.span.starts.as_millis(), paper.span.ends.as_millis());
                        wanted.insert((*person, uid), (!paper.off).then_some(time));
                    }
                    // Staff see that it failed or is in doubt.
                    Some(State::Failed | State::InDoubt) => {}
                    Some(state) => panic!("nothing waits any more: {state:?}"),
                }
            }
        }
        Due { number: self.number, files: self.arrived, wanted }
    }
}

/// Every file of many histories, read by another program, against what the calendars have to be.
fn calendars_agree(due: Vec<Due>) -> usize {
    let files: Vec<String> =
        due.iter().flat_map(|one| one.files.iter().map(|(_, file)| file.clone())).collect();
    let mut read = understood(&files).into_iter();
    for Due { number, files, wanted } in due {
        let mut agendas: BTreeMap<PersonId, Agenda> = BTreeMap::new();
        for (person, _) in &files {
            let event = read.next().expect("each was read");
            let agenda = agendas.entry(*person).or_default();
            let known = agenda.get(&event.uid).map(|(sequence, ..)| *sequence);
            assert!(
                known.is_none_or(|known| known <= event.sequence),
                "RFC 5546 §2.1.5: an older one came later"
            );
            if event.method == "CANCEL" {
                agenda.remove(&event.uid);
            } else {
                agenda.insert(event.uid, (event.sequence, event.starts * 1_000, event.ends * 1_000));
            }
        }
        for ((person, uid), wanted) in wanted {
            let stands = agendas.get(&person).and_then(|agenda| agenda.get(&uid));
            let time = stands.map(|(_, starts, ends)| (*starts, *ends));
            assert_eq!(time, wanted, "history {number}: what stands in the calendar of {uid}");
        }
    }
    files.len()
}

/// From which history to before which: `SAMROM_HISTORIES` is how many, or from and to, 3411..3412.
fn wanted() -> (u64, u64) {
    let text = std::env::var("SAMROM_HISTORIES").unwrap_or_default();
    let (from, to) = text.split_once("..").unwrap_or(("0", &text));
    (from.parse().unwrap_or_default(), to.parse().unwrap_or(USUALLY))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_outbox_and_calendars_agree_with_a_model() {
    let (from, histories) = wanted();
    let (mut hours, mut files) = (0, 0);
    for first in (from..histories).step_by(PER_DATABASE as usize) {
        // In memory: nothing is cut off here, and a disk would be waited for a million times.
        let memory = std::path::Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let folder = folder.expect("a temporary folder");
        let now = Timestamp::from_millis(1_760_000_000_000);
        let options = Options::in_directory(folder.path(), now);
        let mut db = Db::open(&options).await.expect("a new database opens");
        let clinic = db.add_organization(By::operator(now), "Klinikk", OrganizationKind::Clinic);
        let organization = clinic.await.expect("written").id;
        let mut due = Vec::new();
        for number in first..histories.min(first + PER_DATABASE) {
            eprintln!("history {number}");
            let mut history = History::begin(&db, organization, number).await;
            for _ in 0..STEPS {
                history.step(&mut db, &options).await;
            }
            hours += history.paper.len();
            due.push(history.end(&db).await);
        }
        files += calendars_agree(due);
    }
    println!("{} histories, {hours} hours, {files} calendar files", histories.saturating_sub(from));
    assert!(files > 0 && hours > 0);
}

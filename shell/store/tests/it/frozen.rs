//! Records as programs of earlier versions really wrote them: today's program opens them, reads them and goes on.
//!
//! `frozen/N.txt` is everything that a program whose last migration was N had written, invented people and a throw-away
//! key. Before a migration is added, the records of the version that it follows are frozen (CONTRIBUTING.md).

use domain::audit::Purpose;
use domain::backup::{Kind, Row, Table, Value};
use ids::{AppointmentId, PersonId, Timestamp};
use sqlx::types::Uuid;
use store::{By, Db, Pace, verify, write_head};

use crate::everything::Everything;
use crate::older::{Dump, dump, lay};
use crate::support::{Place, appointment, minutes};

const FROZEN: [(i64, &str); 7] = [
    (1, include_str!("frozen/1.txt")),
    (8, include_str!("frozen/8.txt")),
    (10, include_str!("frozen/10.txt")),
    (11, include_str!("frozen/11.txt")),
    (12, include_str!("frozen/12.txt")),
    (13, include_str!("frozen/13.txt")),
    (14, include_str!("frozen/14.txt")),
];
/// Names a file that this version's records are to be frozen into.
const FREEZE: &str = "SAMROM_FREEZE";

/// What is in one of the files.
struct Frozen {
    root_key: String,
    audit_head: String,
    rows: Dump,
}

fn read(text: &str) -> Frozen {
    let mut frozen = Frozen { root_key: String::new(), audit_head: String::new(), rows: Vec::new() };
    for line in text.lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "root-key" => rest.clone_into(&mut frozen.root_key),
            "audit-head" => frozen.audit_head = rest.replace("\\n", "\n"),
            "table" => frozen.rows.push((table(rest), Vec::new())),
            _ => frozen.rows.last_mut().expect("rows are a table's").1.push(row(line)),
        }
    }
    frozen
}

fn table(text: &str) -> Table {
    let mut words = text.split(' ');
    let name = words.next().expect("a name").to_owned();
    let columns = words.map(|word| {
        let (column, kind) = word.split_once(':').expect("name and kind");
        let kind = [Kind::Number, Kind::Text, Kind::Bytes].into_iter().find(|one| name_of(*one) == kind);
        (column.to_owned(), kind.expect("a kind"))
    });
    Table { columns: columns.collect(), name }
}

const fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "number",
        Kind::Text => "text",
        Kind::Bytes => "bytes",
    }
}

fn row(line: &str) -> Row {
    let value = |text: &str| match text.split_at(1) {
        ("n", number) => Value::Number(number.parse().expect("a number")),
        ("t", text) => Value::Text(text.to_owned()),
        ("x", hex) => Value::Bytes(data_encoding::HEXLOWER.decode(hex.as_bytes()).expect("hex")),
        _ => Value::Empty,
    };
    line.split('\t').map(value).collect()
}

fn written(frozen: &Frozen) -> String {
    let mut text =
        format!("root-key {}\naudit-head {}\n", frozen.root_key, frozen.audit_head.replace('\n', "\\n"));
    for (table, rows) in &frozen.rows {
        let columns: Vec<_> =
            table.columns.iter().map(|(name, kind)| format!("{name}:{}", name_of(*kind))).collect();
        text += &format!("table {} {}\n", table.name, columns.join(" "));
        for row in rows {
            let values: Vec<_> = row.iter().map(word).collect();
            text += &format!("{}\n", values.join("\t"));
        }
    }
    text
}

fn word(value: &Value) -> String {
    match value {
        Value::Empty => "-".to_owned(),
        Value::Number(number) => format!("n{number}"),
        Value::Text(text) => format!("t{text}"),
        Value::Bytes(bytes) => format!("x{}", data_encoding::HEXLOWER.encode(bytes)),
    }
}

/// The ids of a table's rows.
fn ids(rows: &Dump, table: &str) -> Vec<Uuid> {
    let (_, rows) = rows.iter().find(|(other, _)| other.name == table).expect("it had this table");
    let id = |row: &Row| match &row[0] {
        Value::Bytes(bytes) => Uuid::from_slice(bytes).expect("an id"),
        _ => panic!("{table} has ids"),
    };
    rows.iter().map(id).collect()
}

pub(crate) async fn what_earlier_programs_wrote_is_read_and_goes_on(place: Place) {
    for (version, text) in FROZEN {
        let frozen = read(text);
        assert_eq!(written(&frozen), text, "nothing is lost in reading");
        let place = place.another().await;
        let laid = lay(&place, version, &frozen.rows).await;
        assert!(laid == frozen.rows, "version {version}: its tables have room for all that it wrote");
        std::fs::write(place.key_file(), &frozen.root_key).expect("written");
        std::fs::write(place.head_file(), &frozen.audit_head).expect("written");
        let db =
            Db::open(&place.options).await.unwrap_or_else(|error| panic!("from version {version}: {error}"));
        let now = newest(&frozen.rows);
        let report = verify(&db, &place.head_file(), &db.audit_public_key(), now).await.expect("read");
        assert!(report.is_whole(), "version {version}: {report:?}");
        everybody_can_be_read(&db, &frozen.rows, now).await;
        it_goes_on(&db, &frozen.rows).await;
        write_head(&db, &place.head_file(), now.plus(core::time::Duration::from_secs(60)), Pace::Full)
            .await
            .expect("signed");
        db.close().await;
    }
}

/// The moment of the last entry of the audit chain.
fn newest(rows: &Dump) -> Timestamp {
    let (table, rows) = rows.iter().find(|(table, _)| table.name == "audit_event").expect("it had a chain");
    let at = table.columns.iter().position(|(name, _)| name == "at").expect("entries have a time");
    match rows.last().expect("it was written to")[at] {
        Value::Number(at) => Timestamp::from_millis(at),
        _ => panic!("times are numbers"),
    }
}

/// Names, signs and seats of then open with the key of then.
async fn everybody_can_be_read(db: &Db, rows: &Dump, now: Timestamp) {
    let by = By::operator(now);
    let mut names = Vec::new();
    for id in ids(rows, "person") {
        let person = db.person(by, Purpose::Operation, PersonId::from_uuid(id)).await.expect("read");
        names.push(format!("{} {}", person.given_name.reveal(), person.family_name.reveal()));
        db.contact(by, Purpose::Operation, PersonId::from_uuid(id)).await.expect("read");
    }
    for wanted in ["Kari Prøvedal", "Nora Prøvelund", "Nora Demolund", "Kari Demodal"] {
        assert!(names.iter().any(|name| name == wanted), "{wanted}: {names:?}");
    }
    let mut signs = 0;
    for id in ids(rows, "appointment") {
        let id = AppointmentId::from_uuid(id);
        let meeting = db.meeting(by, Purpose::Operation, id).await.expect("read");
        assert!(meeting.people.len() >= 2, "{:?}", meeting.appointment);
        signs += usize::from(meeting.appointment.sign.is_some_and(|sign| sign.reveal() == "Grønn båt"));
        db.encounter(by, id).await.expect("read");
        db.messages_of(by, Purpose::Operation, id).await.expect("read");
    }
    assert!(signs > 0, "the sign of then is read");
}

/// A new hour of the clinician of then.
async fn it_goes_on(db: &Db, rows: &Dump) {
    let mut kari = None;
    for id in ids(rows, "person") {
        let person = db
            .person(By::operator(minutes(0)), Purpose::Operation, PersonId::from_uuid(id))
            .await
            .expect("read");
        if person.family_name.reveal() == "Prøvedal" {
            kari = Some(person);
        }
    }
    let kari = kari.expect("she was there");
    let made = appointment(db, kari.organization, kari.id, minutes(60 * 24 * 40)).await;
    crate::support::invite(db, &made, kari.id, ids::Role::Host).await;
}

/// Freezes this version's records into the file that the variable names; otherwise only sees that it could.
pub(crate) async fn this_version_can_be_frozen(place: Place) {
    let db = place.open().await;
    Everything::new(&db).await;
    write_head(&db, &place.head_file(), minutes(80), Pace::Full).await.expect("signed");
    // The chain of what is copied reaches beyond this head, as that of a running program does.
    let (_, rows) = dump(&place, &db).await;
    let file = |path| std::fs::read_to_string(path).expect("there");
    let frozen = Frozen {
        root_key: file(place.key_file()).trim().to_owned(),
        audit_head: file(place.head_file()),
        rows,
    };
    let text = written(&frozen);
    assert!(read(&text).rows == frozen.rows, "it comes back");
    if let Some(path) = std::env::var_os(FREEZE) {
        std::fs::write(path, text).expect("written");
    }
}

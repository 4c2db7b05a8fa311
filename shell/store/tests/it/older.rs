//! Records as every older version left them, with rows in every table that it had: today's program lays the later
//! migrations over them, reads everything, and goes on. A table or column that a later migration forgets to fill, or a
//! migration that cannot run over rows, is seen here.
//!
//! The rows of an older version are today's, cut down to the columns that its tables had.

use std::collections::BTreeMap;
use std::path::Path;

use domain::audit::Purpose;
use domain::backup::{Header, Reader, Record, Row, Table, Value, Writer};
use domain::meeting::Mode;
use sqlx::migrate::Migrator;
use sqlx::types::Uuid;
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};
use store::{
    By, Db, Destination, Engine, Pace, RestoreError, RootKey, Step, StoreError, restore, verify, write_head,
};

use crate::everything::Everything;
use crate::support::{Place, agenda, minutes, news};

/// Tables with their rows, each after those that it refers to.
pub(crate) type Dump = Vec<(Table, Vec<Row>)>;
/// By table: each column and the engine's own word for its kind.
type Columns = BTreeMap<String, Vec<(String, String)>>;

/// All rows, as a backup has them.
pub(crate) async fn dump(place: &Place, db: &Db) -> (Header, Dump) {
    let mut reader = Reader::new();
    let sink = &mut |step: Step<'_>| {
        if let Step::Bytes(more) = step {
            reader.feed(more);
        }
        Ok(())
    };
    db.backup(By::operator(minutes(90)), "0.0.0", &place.head_file(), sink).await.expect("copied");
    let Some(Record::Header(header)) = reader.poll_record().expect("good") else { panic!("a header") };
    let mut tables: Dump = Vec::new();
    while let Some(record) = reader.poll_record().expect("good") {
        match record {
            Record::Table(table) => tables.push((table, Vec::new())),
            Record::Rows(rows) => tables.last_mut().expect("rows are a table's").1.extend(rows),
            Record::TableEnd { .. } | Record::Header(_) | Record::Closing(_) => {}
        }
    }
    (header, tables)
}

/// The migrations of this place's engine up to that one.
async fn migrations(place: &Place, version: i64) -> Migrator {
    let folder = if matches!(place.options.engine, Engine::Sqlite(_)) { "sqlite" } else { "postgres" };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
    let all = Migrator::new(path.as_path()).await.expect("the migrations");
    let some = all.iter().filter(|migration| migration.version <= version).cloned().collect();
    Migrator::with_migrations(some)
}

/// A place as that version left it, with everything that it had room for, and the key and head of another.
async fn older(place: &Place, version: i64, rows: &Dump) -> (Place, Dump) {
    let old = place.another().await;
    let left = lay(&old, version, rows).await;
    std::fs::copy(place.key_file(), old.key_file()).expect("its key");
    std::fs::copy(place.head_file(), old.head_file()).expect("its head");
    (old, left)
}

/// Lays the tables of that version into an empty place and enters what of these rows they have room for.
pub(crate) async fn lay(old: &Place, version: i64, rows: &Dump) -> Dump {
    let migrations = migrations(old, version).await;
    match &old.options.engine {
        Engine::Sqlite(path) => {
            let pool =
                SqlitePool::connect(&format!("sqlite:{}?mode=rwc", path.display())).await.expect("opens");
            migrations.run(&pool).await.expect("they run");
            let columns = "SELECT m.name, c.name, c.type FROM sqlite_schema m JOIN pragma_table_info(m.name) c \
                 WHERE m.type = 'table' ORDER BY m.name, c.cid";
            let found: Vec<(String, String, String)> =
                sqlx::query_as(columns).fetch_all(&pool).await.expect("read");
            let left = cut(rows, &by_table(found));
            for (table, rows) in &left {
                for row in rows {
                    enter_sqlite(&pool, table, row).await;
                }
            }
            pool.close().await;
            left
        }
        Engine::Postgres(address) => {
            let pool = PgPool::connect(address).await.expect("opens");
            migrations.run(&pool).await.expect("they run");
            let columns = "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns \
                 WHERE table_schema = 'public' ORDER BY table_name, ordinal_position";
            let found: Vec<(String, String, String)> =
                sqlx::query_as(columns).fetch_all(&pool).await.expect("read");
            let columns = by_table(found);
            let left = cut(rows, &columns);
            for (table, rows) in &left {
                for row in rows {
                    enter_postgres(&pool, table, &columns[&table.name], row).await;
                }
            }
            pool.close().await;
            left
        }
    }
}

fn by_table(found: Vec<(String, String, String)>) -> Columns {
    let mut columns = Columns::new();
    for (table, column, kind) in found {
        columns.entry(table).or_default().push((column, kind));
    }
    columns
}

/// What of these rows fits into tables with these columns.
fn cut(rows: &Dump, columns: &Columns) -> Dump {
    let there = rows.iter().filter_map(|(table, rows)| {
        let had = columns.get(&table.name)?;
        let kept: Vec<usize> = (0..table.columns.len())
            .filter(|at| had.iter().any(|(column, _)| *column == table.columns[*at].0))
            .collect();
        let narrow = |row: &Row| kept.iter().map(|at| row[*at].clone()).collect();
        let columns = kept.iter().map(|at| table.columns[*at].clone()).collect();
        Some((Table { name: table.name.clone(), columns }, rows.iter().map(narrow).collect()))
    });
    there.collect()
}

fn insert(table: &Table) -> AssertSqlSafe<String> {
    let names: Vec<_> = table.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let places: Vec<_> = (1..=names.len()).map(|at| format!("${at}")).collect();
    AssertSqlSafe(format!(
        "INSERT INTO \"{}\" ({}) VALUES ({})",
        table.name,
        names.join(", "),
        places.join(", ")
    ))
}

async fn enter_sqlite(pool: &SqlitePool, table: &Table, row: &Row) {
    let mut query = sqlx::query(insert(table));
    for value in row {
        query = match value.clone() {
            Value::Empty => query.bind(None::<i64>),
            Value::Number(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
            Value::Bytes(bytes) => query.bind(bytes),
        };
    }
    query.execute(pool).await.unwrap_or_else(|error| panic!("{}: {error}", table.name));
}

async fn enter_postgres(pool: &PgPool, table: &Table, columns: &[(String, String)], row: &Row) {
    let mut query = sqlx::query(insert(table));
    for ((name, _), value) in table.columns.iter().zip(row) {
        let (_, kind) = columns.iter().find(|(column, _)| column == name).expect("it was kept");
        query = match (kind.as_str(), value.clone()) {
            ("uuid", Value::Bytes(bytes)) => query.bind(Some(Uuid::from_slice(&bytes).expect("an id"))),
            ("uuid", _) => query.bind(None::<Uuid>),
            (_, Value::Bytes(bytes)) => query.bind(Some(bytes)),
            ("bytea", _) => query.bind(None::<Vec<u8>>),
            (_, Value::Number(number)) => query.bind(Some(number)),
            ("bigint", _) => query.bind(None::<i64>),
            (_, Value::Text(text)) => query.bind(Some(text)),
            _ => query.bind(None::<String>),
        };
    }
    query.execute(pool).await.unwrap_or_else(|error| panic!("{}: {error}", table.name));
}

pub(crate) async fn records_of_every_older_version_open_and_go_on(place: Place) {
    let db = place.open().await;
    let everything = Everything::new(&db).await;
    write_head(&db, &place.head_file(), minutes(80), Pace::Full).await.expect("signed");
    let (header, rows) = dump(&place, &db).await;
    let empty: Vec<_> =
        rows.iter().filter(|(_, rows)| rows.is_empty()).map(|(table, _)| &table.name).collect();
    assert_eq!(empty, Vec::<&String>::new(), "`Everything` lays a row into every table");
    let latest = *header.migrations.last().expect("there are some");
    assert!(latest >= 8, "they were found");
    assert!(older(&place, 1, &rows).await.1.len() < rows.len(), "the first version had fewer tables");
    for version in 1..latest {
        let (old, left) = older(&place, version, &rows).await;
        let today =
            Db::open(&old.options).await.unwrap_or_else(|error| panic!("from version {version}: {error}"));
        let (now, migrated) = dump(&old, &today).await;
        assert_eq!(now.migrations, header.migrations, "all were laid over version {version}");
        nothing_is_lost(version, &left, &migrated);
        let report =
            verify(&today, &old.head_file(), &db.audit_public_key(), minutes(91)).await.expect("read");
        assert!(report.is_whole(), "version {version}: {report:?}");
        everything.can_be_read(&today, version).await;
        everything.what_came_later_fits(&today, version).await;
        everything.goes_on(&today).await;
        today.close().await;
        a_backup_of_it_fits_its_tables(&place, &header, version, &left).await;
    }
}

/// Every row of then is there as it was, in order.
fn nothing_is_lost(version: i64, left: &Dump, migrated: &Dump) {
    for (table, rows) in left {
        let (wide, found) = migrated.iter().find(|(other, _)| other.name == table.name).expect("tables stay");
        let mut columns = Columns::new();
        let kept = table.columns.iter().map(|(name, _)| (name.clone(), String::new())).collect();
        columns.insert(table.name.clone(), kept);
        let found = cut(&vec![(wide.clone(), found.clone())], &columns);
        // Opening and copying are told in the audit chain, after what was there.
        let more = found[0].1.len() - rows.len();
        assert_eq!(more > 0, table.name == "audit_event", "version {version}: {}", table.name);
        assert!(found[0].1[..rows.len()] == rows[..], "version {version}: {} is another", table.name);
    }
}

/// A backup of that version comes into tables of that version, up to its signature, which nobody else can make.
async fn a_backup_of_it_fits_its_tables(place: &Place, header: &Header, version: i64, left: &Dump) {
    let migrations = header.migrations.iter().copied().filter(|one| *one <= version).collect();
    let (mut writer, mut bytes) = Writer::begin(&Header { migrations, ..header.clone() }).expect("small");
    for (table, rows) in left {
        bytes.extend(writer.table(table).expect("small"));
        bytes.extend(writer.rows(rows).expect("small"));
        bytes.extend(writer.end_table().expect("small"));
    }
    bytes.extend(writer.close(None).expect("small").signed(&[7; 64]));
    let root = RootKey::read_file(&place.key_file()).expect("readable").expect("there");
    let to = place.another().await;
    let (key_file, head_file) = (to.key_file(), to.head_file());
    let at = Destination { engine: &to.options.engine, key_file: &key_file, head_file: &head_file };
    let mut entered = 0;
    let told = &mut |_: &str, rows: u64| entered += usize::try_from(rows).expect("few");
    let error = restore(&mut bytes.as_slice(), &root, &at, By::operator(minutes(95)), told).await;
    let error = error.expect_err("it was not signed");
    assert!(matches!(error, StoreError::Restore(RestoreError::Forged)), "version {version}: {error:?}");
    assert_eq!(entered, left.iter().map(|(_, rows)| rows.len()).sum::<usize>(), "version {version}");
}

impl Everything {
    /// What each version had, through today's readers.
    async fn can_be_read(&self, db: &Db, version: i64) {
        let (by, at) = (By::operator(minutes(92)), minutes(92));
        for (person, given, family) in
            [(self.clinic.kari, "Kari", "Prøvedal"), (self.clinic.nora, "Nora", "Prøvelund")]
        {
            let found = db.person(by, Purpose::Operation, person).await.expect("read");
            assert_eq!(found.given_name.reveal(), given, "version {version}");
            assert_eq!(found.family_name.reveal(), family);
        }
        let contact = db.contact(by, Purpose::Operation, self.clinic.nora).await.expect("read");
        assert_eq!(contact.mail.is_some(), version >= 4, "version {version}");
        let meeting = db.meeting(by, Purpose::Operation, self.clinic.meeting.id).await.expect("read");
        assert_eq!((meeting.appointment.mode, meeting.people.len()), (Mode::Video, 3), "version {version}");
        assert_eq!(meeting.appointment.sign.map(ids::Personal::into_revealed).as_deref(), Some("Grønn båt"));
        let record = db.encounter(self.clinic.kari_at(92), self.clinic.meeting.id).await.expect("read");
        assert_eq!(record.attended.len(), 1, "version {version}: who was there");
        assert_eq!(record.closing.is_some(), version >= 2, "version {version}: what became of it");
        assert_eq!(record.tasks.len(), usize::from(version >= 2), "version {version}");
        assert!(db.see_link(&self.link, None, at).await.expect("answered").is_some(), "version {version}");
        assert!(db.signed_in(&self.cookie, at).await.expect("answered").is_some(), "version {version}");
    }

    /// What came with later versions is there as far as this one had it, and empty otherwise.
    async fn what_came_later_fits(&self, db: &Db, version: i64) {
        let (by, at) = (self.clinic.kari_at(92), minutes(92));
        let hosted = news(db, self.clinic.kari, 92).await.hosted;
        assert!(hosted.contains(&self.clinic.meeting.session), "version {version}: her hours by their time");
        let hers = db.caseload(by, self.clinic.kari).await.expect("read");
        assert_eq!(hers.len(), usize::from(version >= 2), "version {version}: her list");
        let keys = db.passkeys_of(by, self.clinic.kari).await.expect("read");
        assert_eq!(keys.len(), usize::from(version >= 3), "version {version}: her passkey");
        let said = db.messages_of(by, Purpose::Care, self.booked).await.expect("read");
        assert_eq!(said.is_empty(), version < 4, "version {version}: what was told");
        let numbers = db.helplines(self.clinic.organization, at).await.expect("read");
        assert_eq!(numbers.lines.len(), usize::from(version >= 6), "version {version}");
        if version >= 3 {
            let open = agenda(db, self.clinic.kari, 92).await.requests;
            assert_eq!(open.len(), usize::from(version >= 7), "version {version}: what she asks for");
        }
        if version >= 2 {
            let told = db.course(by, self.clinic.nora).await.expect("read").told;
            assert_eq!(told.len(), usize::from(version >= 14), "version {version}: what she told Kari");
        }
        let answers = db.responses_to(by, self.clinic.meeting.id).await.expect("read");
        assert_eq!(answers.len(), usize::from(version >= 7), "version {version}");
    }
}

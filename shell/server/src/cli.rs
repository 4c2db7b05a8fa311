//! The command line. Options of `serve` are only another way to write keys of the configuration.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use ids::{AppointmentId, OrganizationId, PersonId};

/// Samrom: a video room that nobody outside it can hear or see.
#[derive(Debug, Parser)]
#[command(name = "samrom", version)]
pub(crate) struct Cli {
    /// Configuration file; `samrom.toml` in this folder if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serves pages and carries media until it is told to stop.
    Serve(Box<ServeOptions>),
    /// Works on the records of a stopped or running server.
    Admin {
        /// Which records.
        #[command(flatten)]
        records: RecordOptions,
        /// What to do.
        #[command(subcommand)]
        command: Box<AdminCommand>,
    },
    /// The audit chain.
    Audit {
        /// Which records.
        #[command(flatten)]
        records: RecordOptions,
        /// What to do.
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Copies all records of a stopped or running server into one encrypted file.
    Backup {
        /// Which records.
        #[command(flatten)]
        records: RecordOptions,
        /// The file; must not be there yet.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// Who can open it: the line that `samrom backup-key` printed. Can be given more than once.
        #[arg(long, value_name = "age1…", required = true)]
        recipient: Vec<age::x25519::Recipient>,
    },
    /// Makes the identity that opens backups, and prints the recipient to make them for.
    BackupKey {
        /// The identity's file; must not be there yet.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Brings a backup back into an empty folder and database.
    Restore {
        /// Where to.
        #[command(flatten)]
        records: RecordOptions,
        /// The backup.
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
        /// The file that `samrom backup-key` made.
        #[arg(long, value_name = "FILE")]
        identity: PathBuf,
        /// File with the recovery words; else the variable `SAMROM_RECOVERY_WORDS`, else they are asked for.
        #[arg(long, value_name = "FILE")]
        words: Option<PathBuf>,
        /// Only looks whether the backup is whole and the words fit; brings nothing back.
        #[arg(long)]
        check: bool,
    },
    /// The root key, which opens the sealed records.
    Key {
        /// Which records.
        #[command(flatten)]
        records: RecordOptions,
        /// What to do.
        #[command(subcommand)]
        command: KeyCommand,
    },
}

/// Options that name the records.
#[derive(Debug, Default, Args)]
pub(crate) struct RecordOptions {
    /// Folder of the database, keys and audit heads.
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<String>,
    /// Database address: `sqlite:` or `postgres://`.
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
}

/// Options of `serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    #[command(flatten)]
    records: RecordOptions,
    /// Port for pages.
    #[arg(long)]
    port: Option<String>,
    /// Language of somebody who has not chosen one: nb, nn or en.
    #[arg(long)]
    lang: Option<String>,
    /// IP address that browsers send sound and picture to.
    #[arg(long, value_name = "IP")]
    media_address: Option<String>,
    /// First port for media, UDP and TCP.
    #[arg(long, value_name = "PORT")]
    media_port: Option<String>,
    /// HTTPS for phones on the same network, with links and a QR code.
    #[arg(long)]
    lan: bool,
    /// Invented people and a meeting, with sign-in links for this machine only.
    #[arg(long)]
    demo: bool,
}

impl RecordOptions {
    /// The options as settings.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        given([("data", &self.data), ("database", &self.database)])
    }
}

impl ServeOptions {
    /// The options as settings.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = self.records.settings();
        settings.extend(given([
            ("http.port", &self.port),
            ("language", &self.lang),
            ("media.address", &self.media_address),
            ("media.port", &self.media_port),
        ]));
        let switches = [("http.lan", self.lan), ("demo", self.demo)];
        settings.extend(switches.into_iter().filter(|(_, on)| *on).map(|(key, _)| (key, "true".to_owned())));
        settings
    }
}

fn given<const N: usize>(options: [(&'static str, &Option<String>); N]) -> Vec<(&'static str, String)> {
    options.into_iter().filter_map(|(key, value)| value.clone().map(|value| (key, value))).collect()
}

/// What `samrom admin` can do. Every step is in the audit log as the operator's; what changes a running meeting takes
/// effect there within about a second, or within fifteen should the server's look for changes fail.
#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Prints the reference page of the configuration.
    ConfigReference,
    /// Enters an organisation and prints its id.
    Organization {
        /// Its name.
        #[arg(long)]
        name: String,
        /// What it is.
        #[arg(long, value_enum)]
        kind: OrganizationKind,
    },
    /// Enters a person and prints the id.
    Person {
        /// In whose register.
        #[arg(long)]
        organization: OrganizationId,
        /// What the person is to us.
        #[arg(long, value_enum)]
        kind: PersonKind,
        /// Given name.
        #[arg(long)]
        given: String,
        /// Family name.
        #[arg(long)]
        family: String,
        /// Language of texts and pages.
        #[arg(long, value_enum, default_value = "nb")]
        language: Language,
    },
    /// Makes an appointment and prints its id.
    Appointment {
        /// The organisation that answers for it.
        #[arg(long)]
        organization: OrganizationId,
        /// What it is for.
        #[arg(long, value_enum)]
        kind: MeetingKind,
        /// The responsible clinician.
        #[arg(long)]
        responsible: PersonId,
        /// When it starts, in the configured time zone: `2026-12-01T14:30`.
        #[arg(long)]
        starts: jiff::civil::DateTime,
        /// How long it lasts.
        #[arg(long, default_value = "45", value_parser = clap::value_parser!(u32).range(5..=480))]
        minutes: u32,
        /// The recognition sign that the two agreed on.
        #[arg(long)]
        sign: Option<String>,
    },
    /// Invites a person to an appointment.
    Invite {
        /// To which.
        #[arg(long)]
        appointment: AppointmentId,
        /// Whom.
        #[arg(long)]
        person: PersonId,
        /// In which role.
        #[arg(long, value_enum)]
        role: Role,
    },
    /// Lists who is invited to an appointment: ids, initials, roles, links, blocks.
    People {
        /// To which.
        #[arg(long)]
        appointment: AppointmentId,
    },
    /// Makes a new personal link and prints it; the person's older links stop working.
    Link {
        /// To which appointment.
        #[arg(long)]
        appointment: AppointmentId,
        /// For whom.
        #[arg(long)]
        person: PersonId,
    },
    /// Makes a one-time link by which a member of staff makes a passkey, and prints it; older ones stop working.
    StaffLink {
        /// For whom.
        #[arg(long)]
        person: PersonId,
        /// How many hours it works.
        #[arg(long, default_value = "24", value_parser = clap::value_parser!(u32).range(1..=168))]
        hours: u32,
        /// Passkeys and sign-ins that the person has already stay; otherwise they end when the link is used.
        #[arg(long)]
        keep_others: bool,
    },
    /// Takes a member of staff's access away at once: passkeys, sign-ins, links that were not used.
    EndAccess {
        /// Whose.
        #[arg(long)]
        person: PersonId,
    },
    /// What members of staff are in organisations.
    Role {
        /// What to do.
        #[command(subcommand)]
        command: RoleCommand,
    },
    /// Enters where messages reach a person, in the place of what was there; what is left out is taken away.
    Contact {
        /// Whose.
        #[arg(long)]
        person: PersonId,
        /// A mail address.
        #[arg(long)]
        mail: Option<String>,
        /// A telephone number; eight digits without a country are Norwegian.
        #[arg(long)]
        phone: Option<String>,
        /// The way that the person chose; without it the telephone comes first.
        #[arg(long, value_enum)]
        wanted: Option<Channel>,
    },
    /// Lays a message into the outbox and prints its id; a running server sends it.
    Message {
        /// About which appointment.
        #[arg(long)]
        appointment: AppointmentId,
        /// To whom.
        #[arg(long)]
        person: PersonId,
        /// What it says.
        #[arg(long, value_enum)]
        kind: MessageKind,
        /// With a personal link.
        #[arg(long)]
        link: bool,
    },
    /// Keeps a person out of an appointment, for safety.
    Block {
        /// Of which.
        #[arg(long)]
        appointment: AppointmentId,
        /// Whom.
        #[arg(long)]
        person: PersonId,
        /// The member of staff who decided it.
        #[arg(long)]
        by: PersonId,
        /// Why, in words; sealed in the log.
        #[arg(long)]
        why: String,
    },
    /// Lifts a block.
    Unblock {
        /// Of which appointment.
        #[arg(long)]
        appointment: AppointmentId,
        /// Whom.
        #[arg(long)]
        person: PersonId,
        /// The member of staff who decided it.
        #[arg(long)]
        by: PersonId,
    },
}

/// What `samrom admin role` can do.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum RoleCommand {
    /// Gives a role.
    Grant(RoleOptions),
    /// Ends a role.
    End(RoleOptions),
}

/// Whose role, where, as what.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct RoleOptions {
    /// Whose.
    #[arg(long)]
    pub(crate) person: PersonId,
    /// Where.
    #[arg(long)]
    pub(crate) organization: OrganizationId,
    /// As what.
    #[arg(long, value_enum)]
    pub(crate) role: StaffRole,
}

/// Words of the command line for the words of the rules.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident => $of:ty { $($(#[$choice_doc:meta])* $choice:ident => $word:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, ValueEnum)]
        pub(crate) enum $name {
            $($(#[$choice_doc])* #[value(name = $word)] $choice),+
        }

        impl From<$name> for $of {
            fn from(choice: $name) -> Self {
                match choice { $($name::$choice => Self::$choice),+ }
            }
        }
    )+};
}

choices! {
    /// Kinds of organisations.
    OrganizationKind => domain::people::OrganizationKind {
        /// An outpatient clinic.
        Clinic => "clinic",
        /// An institution where young people live.
        Institution => "institution",
        /// A municipality's service.
        Municipality => "municipality",
        /// A school.
        School => "school",
        /// Something else that one works with.
        Other => "other",
    }
    /// Kinds of people.
    PersonKind => store::PersonKind {
        /// Works in health care or another service.
        Practitioner => "practitioner",
        /// A young person.
        Patient => "patient",
        /// A parent, guardian or somebody close.
        RelatedPerson => "related",
    }
    /// Kinds of meetings.
    MeetingKind => domain::meeting::MeetingKind {
        /// The young person's own hour.
        Consultation => "consultation",
        /// A guidance session for the staff around her.
        Guidance => "guidance",
        /// Several agencies at one table.
        CarePlanning => "care-planning",
    }
    /// Ways that messages take.
    Channel => domain::message::Channel {
        /// Electronic mail.
        Mail => "mail",
        /// A text message.
        Sms => "sms",
    }
    /// Kinds of messages.
    MessageKind => domain::message::MessageKind {
        /// There is an appointment.
        Invitation => "invitation",
        /// It is at another time.
        Moved => "moved",
        /// It will not be.
        Cancelled => "cancelled",
        /// It is soon.
        Reminder => "reminder",
        /// A new link; the one before works no longer.
        NewLink => "new-link",
    }
    /// Languages of texts and pages.
    Language => domain::people::Language {
        /// Bokmål.
        Bokmal => "nb",
        /// Nynorsk.
        Nynorsk => "nn",
        /// English.
        English => "en",
    }
    /// What members of staff are.
    StaffRole => domain::staff::StaffRole {
        /// Enters people and gives roles.
        Administrator => "administrator",
        /// Treats young people.
        Clinician => "clinician",
        /// Leads a unit.
        Leader => "leader",
        /// Works where young people live.
        CareWorker => "care-worker",
        /// Helps others with the technology.
        Support => "support",
    }
    /// Roles in a meeting.
    Role => ids::Role {
        /// Lets people in.
        Host => "host",
        /// Whom the meeting is for.
        YoungPerson => "young-person",
        /// A parent, foster parent or guardian.
        Guardian => "guardian",
        /// Staff of the institution.
        CareWorker => "care-worker",
        /// Another professional.
        Professional => "professional",
        /// An interpreter.
        Interpreter => "interpreter",
        /// Whom the young person chose to have beside her.
        Support => "support",
    }
}

/// What `samrom audit` can do.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum AuditCommand {
    /// Follows the chain from its start; names the first broken link and sees a cut tail.
    Verify,
}

/// What `samrom key` can do.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum KeyCommand {
    /// Prints the recovery words.
    Words {
        /// Asks for the words instead, and says whether they are those of the key in use.
        #[arg(long)]
        check: bool,
    },
    /// Exchanges the root key for a new one and prints its recovery words.
    Rotate,
    /// Makes the key file anew from the recovery words.
    Restore {
        /// File with the recovery words; else the variable `SAMROM_RECOVERY_WORDS`, else they are asked for.
        #[arg(long, value_name = "FILE")]
        words: Option<PathBuf>,
    },
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::{Cli, Command};

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_become_settings() {
        let cli =
            Cli::try_parse_from(["samrom", "serve", "--port", "0", "--demo", "--lang", "nn"]).expect("good");
        let Command::Serve(options) = cli.command else { panic!("serve was asked for") };
        let wanted = [("http.port", "0"), ("language", "nn"), ("demo", "true")];
        assert_eq!(options.settings(), wanted.map(|(key, value)| (key, value.to_owned())));
    }
}

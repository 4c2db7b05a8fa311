//! `samrom admin`: the first registers and links, by hand, until the pages for that are there. Ids and secrets go to
//! standard output, words about them to standard error, so that a script can use the one and a person read both.

use std::time::Duration;

use anyhow::{Context as _, bail};
use domain::audit::Purpose;
use domain::meeting::{MeetingKind, Mode, Window};
use domain::message::{self, Channel, Contact, MailAddress, MessageKind, PhoneNumber, Wording};
use ids::{AppointmentId, MessageId, OrganizationId, PersonId, Personal, Timestamp};
use store::{By, Db, Invitee, Name, NewAppointment, NewInvitation, NewMessage, NewPerson, RoleOf};

use crate::cli::{AdminCommand, RoleCommand, RoleOptions};
use crate::clock;
use crate::config::Config;

/// Does one thing and says what became of it.
///
/// # Errors
/// When there is no such person, appointment or organisation, or the records do not answer.
pub(crate) async fn run(config: &Config, db: &Db, command: AdminCommand) -> anyhow::Result<()> {
    let by = By::operator(clock::wall());
    match command {
        // Needs no records and was answered before they were opened.
        AdminCommand::ConfigReference => {}
        AdminCommand::Organization { name, kind } => {
            println!("{}", db.add_organization(by, &name, kind.into()).await?.id);
        }
        AdminCommand::Person { organization, kind, given, family, language } => {
            let name = Name { given: Personal::new(given), family: Personal::new(family) };
            let (kind, language) = (kind.into(), language.into());
            let new = NewPerson { organization, kind, name, phone: None, language };
            println!("{}", db.add_person(by, &new).await?);
        }
        AdminCommand::Appointment { organization, kind, responsible, starts, minutes, sign } => {
            let starts = moment(config, starts)?;
            let ends = starts.plus(Duration::from_secs(60) * minutes);
            let planned = Planned { organization, kind: kind.into(), responsible };
            println!("{}", add_appointment(db, by, planned, Window::new(starts, ends), sign).await?);
        }
        AdminCommand::Invite { appointment, person, role } => {
            let new = NewInvitation { appointment, person, role: role.into(), until: None };
            println!("{}", db.invite(by, new).await?.id);
        }
        AdminCommand::People { appointment } => list(db, by, appointment).await?,
        AdminCommand::Link { appointment, person } => {
            let invitation = invitee(db, by, appointment, person).await?.invitation.id;
            let link = db.issue_link(by, invitation).await?;
            println!("{}/j/{}", base_url(config), link.token.reveal());
        }
        AdminCommand::StaffLink { person, hours, keep_others } => {
            let lifetime = Duration::from_secs(60 * 60) * hours;
            let issued = db.issue_staff_link(by, person, keep_others, lifetime).await;
            let issued = issued.context("only a practitioner in the register gets a staff link")?;
            println!("{}/first/{}", base_url(config), issued.token.reveal());
        }
        AdminCommand::EndAccess { person } => {
            let ended = db.end_access(by, person).await.context("there is no such practitioner")?;
            eprintln!("{}", if ended { "ended" } else { "there was no access to end" });
        }
        AdminCommand::Role { command } => role(db, by, command).await?,
        AdminCommand::Contact { person, mail, phone, wanted } => {
            let wanted = wanted.map(Into::into);
            db.set_contact(by, person, &contact(mail, phone, wanted)?).await?;
        }
        AdminCommand::Message { appointment, person, kind, link } => {
            println!("{}", queue(db, by, (appointment, person), (kind.into(), link)).await?);
        }
        AdminCommand::Block { appointment, person, by: decided_by, why } => {
            let by = By::person(decided_by, by.now);
            let fresh = db.block(by, appointment, person, &Personal::new(why)).await?;
            eprintln!("{}", if fresh { "blocked" } else { "was blocked already" });
        }
        AdminCommand::Unblock { appointment, person, by: decided_by } => {
            let lifted = db.unblock(By::person(decided_by, by.now), appointment, person).await?;
            eprintln!("{}", if lifted { "no longer blocked" } else { "was not blocked" });
        }
    }
    Ok(())
}

/// Where people reach the server.
fn base_url(config: &Config) -> String {
    let port = config.http.port;
    config.http.public_url.clone().unwrap_or_else(|| format!("http://localhost:{port}"))
}

async fn role(db: &Db, by: By, command: RoleCommand) -> anyhow::Result<()> {
    let of = |options: RoleOptions| {
        let RoleOptions { person, organization, role } = options;
        RoleOf { person, organization, role: role.into() }
    };
    let words = match command {
        RoleCommand::Grant(options) => {
            let granted = db.grant_role(by, of(options)).await;
            let fresh = granted.context("roles are for practitioners, in organisations that are entered")?;
            if fresh { "granted" } else { "had this role already" }
        }
        RoleCommand::End(options) => {
            if db.end_role(by, of(options)).await? {
                "ended"
            } else {
                "did not have this role"
            }
        }
    };
    eprintln!("{words}");
    Ok(())
}

struct Planned {
    organization: OrganizationId,
    kind: MeetingKind,
    responsible: PersonId,
}

async fn add_appointment(
    db: &Db,
    by: By,
    planned: Planned,
    window: Window,
    sign: Option<String>,
) -> anyhow::Result<AppointmentId> {
    let Planned { organization, kind, responsible } = planned;
    let new = NewAppointment {
        organization,
        kind,
        mode: Mode::Video,
        patient: None,
        responsible,
        window,
        sign: sign.map(Personal::new),
        notice: None,
    };
    Ok(db.add_appointment(by, &new).await?.id)
}

fn contact(mail: Option<String>, phone: Option<String>, wanted: Option<Channel>) -> anyhow::Result<Contact> {
    // What was typed is personal and is not repeated.
    let mail = mail.map(|text| MailAddress::parse(&text)).transpose().context("this is no mail address")?;
    let phone =
        phone.map(|text| PhoneNumber::parse(&text)).transpose().context("this is no telephone number")?;
    Ok(Contact { mail, phone, wanted })
}

/// Leaves at once, whatever the hour: somebody asks for it here and now.
async fn queue(
    db: &Db,
    by: By,
    (appointment, person): (AppointmentId, PersonId),
    (kind, with_link): (MessageKind, bool),
) -> anyhow::Result<MessageId> {
    let meeting = db.meeting(by, Purpose::Operation, appointment).await?;
    let invited = meeting.people.iter().find(|invitee| invitee.invitation.person == person);
    let invitation = invited.context("this person is not invited to that appointment")?.invitation.id;
    let channel = db.contact(by, Purpose::Operation, person).await?.channel();
    let window = meeting.appointment.window;
    let new = NewMessage {
        invitation,
        // Without a way it fails in the outbox, where staff see it.
        channel: channel.unwrap_or(Channel::Sms),
        planned: message::Planned { kind, due: by.now, useless_after: window.closes() },
        wording: Wording::default(),
        way: meeting.appointment.mode,
        with_link,
        time: (window.starts, window.ends),
        sequence: meeting.appointment.sequence,
    };
    let queued = db.queue_messages(by, &[new]).await?;
    queued.first().copied().context("one was queued")
}

fn moment(config: &Config, at: jiff::civil::DateTime) -> anyhow::Result<Timestamp> {
    let zoned = at.in_tz(&config.time_zone).context("there is no such moment in the configured time zone")?;
    Ok(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
}

async fn invitee(db: &Db, by: By, appointment: AppointmentId, person: PersonId) -> anyhow::Result<Invitee> {
    let meeting = db.meeting(by, Purpose::Operation, appointment).await?;
    let found = meeting.people.into_iter().find(|invitee| invitee.invitation.person == person);
    let Some(found) = found else { bail!("this person is not invited to that appointment") };
    Ok(found)
}

/// One line each; initials only, because another eye may see the terminal (CARE-12).
async fn list(db: &Db, by: By, appointment: AppointmentId) -> anyhow::Result<()> {
    let meeting = db.meeting(by, Purpose::Operation, appointment).await?;
    for Invitee { invitation, name, blocked, link } in meeting.people {
        let link = match link {
            None => "no link",
            Some(link) if link.bound.is_some() => "link pressed",
            Some(_) => "link sent",
        };
        let state = match (blocked, &invitation.withdrawn) {
            (Some(_), _) => "blocked",
            (None, Some(_)) => "withdrawn",
            (None, None) => "invited",
        };
        let initials = name.initials().into_revealed();
        println!(
            "{}  {initials:<4} {:<14} {state:<10} {link}",
            invitation.person,
            format!("{:?}", invitation.role)
        );
    }
    Ok(())
}

//! The page of one young person, for those who answer for her: what can be changed about her and around her (SEC-070).
//!
//! Each form is small and stands behind a fold; what cannot be done comes back with its fold open and everything as it
//! was typed.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::balance::Balance;
use domain::people::{Language, Organization};
use domain::protection::Protection;
use domain::staff::NotChangeable;
use ids::{OrganizationId, PersonId, Role, TaskId, Timestamp};
use store::{AROUND, Course, NewRelated, Offered, PatientEntry, RelatedEntry, StoreError, Whom};

use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::form::Fields;
use crate::i18n::Lang;
use crate::page::Page;
use crate::people::clinician;
use crate::people::form::{PersonForm, Problem};
use crate::plan::{Choice, role_key};
use crate::questions::ToldLine;

/// One young person.
#[derive(Template)]
#[template(path = "people/one.html")]
pub(crate) struct OnePage {
    pub(crate) page: Page,
    pub(crate) id: PersonId,
    pub(crate) name: String,
    pub(crate) language: Language,
    pub(crate) protection: Protection,
    /// Her name and where messages reach her, as forms.
    pub(crate) named: PersonForm,
    pub(crate) reached: PersonForm,
    pub(crate) related: Vec<Around>,
    pub(crate) team: Vec<Member>,
    pub(crate) colleagues: Vec<(PersonId, String)>,
    pub(crate) tasks: Vec<Agreed>,
    /// When they last met in which way: the key of the words, and the day or that there was none.
    pub(crate) balance: [(&'static str, String); 3],
    /// What she told whoever reads, after her hours.
    pub(crate) told: Vec<ToldLine>,
    /// Whether she is asked after her hours.
    pub(crate) is_asked: bool,
    /// Whether she is a small child who comes with her parents.
    pub(crate) comes_with_parents: bool,
    /// The form by which somebody is entered around her.
    pub(crate) new: Newcomer,
    /// What could not be done: the part of the page, the id of the field, the key of the words.
    pub(crate) problem: Option<(&'static str, String, &'static str)>,
}

/// Somebody around her.
pub(crate) struct Around {
    pub(crate) id: PersonId,
    pub(crate) name: String,
    pub(crate) role_key: &'static str,
    pub(crate) works_at: Option<String>,
    /// The form for where messages reach them, if that is ours to change.
    pub(crate) reached: Option<PersonForm>,
}

/// One of those who answer for her.
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) is_reader: bool,
}

/// Something agreed that is not done.
pub(crate) struct Agreed {
    pub(crate) id: TaskId,
    pub(crate) what: String,
    pub(crate) who: String,
    pub(crate) due: Option<String>,
}

/// The form by which somebody is entered around her.
pub(crate) struct Newcomer {
    pub(crate) id: PersonId,
    pub(crate) form: PersonForm,
    pub(crate) role: Option<Role>,
    pub(crate) works_at: Option<OrganizationId>,
    pub(crate) places: Vec<Organization>,
    pub(crate) offered: Vec<(PersonId, String)>,
}

impl OnePage {
    pub(crate) fn protections(&self) -> &'static [(Protection, &'static str, &'static str)] {
        Protection::OFFERED
    }

    pub(crate) fn roles(&self) -> [(&'static str, &'static str); 5] {
        AROUND.map(|role| (role_value(role), role_key(role)))
    }

    pub(crate) fn is_role(&self, value: &str) -> bool {
        self.new.role.is_some_and(|role| role_value(role) == value)
    }

    pub(crate) fn is_place(&self, place: &OrganizationId) -> bool {
        self.new.works_at == Some(*place)
    }

    /// The key of what her grading means.
    pub(crate) fn protection_text(&self) -> String {
        format!("{}-text", self.protection.key())
    }

    /// Whether the fold around a part stands open.
    pub(crate) fn is_open(&self, part: &str) -> bool {
        self.problem.as_ref().is_some_and(|(about, ..)| *about == part)
    }

    pub(crate) fn is_about(&self, field: &str) -> bool {
        self.problem.as_ref().is_some_and(|(_, about, _)| about == field)
    }

    /// What is said first of what could not be done: of what was typed, or of what was pressed.
    pub(crate) fn lead_key(&self) -> &'static str {
        if self.is_open("team") { "people-not-done" } else { "people-not-yet" }
    }

    /// The key of the name of her language.
    pub(crate) fn language_key(&self) -> &'static str {
        Lang::from_tag(self.language.tag()).unwrap_or_default().name_key()
    }
}

/// What a browser sends for a role around her.
const fn role_value(role: Role) -> &'static str {
    match role {
        Role::Guardian => "guardian",
        Role::Support => "support",
        Role::CareWorker => "care-worker",
        Role::Professional => "professional",
        Role::Interpreter => "interpreter",
        Role::Host | Role::YoungPerson => "",
    }
}

fn role_of(value: &str) -> Option<Role> {
    AROUND.into_iter().find(|role| role_value(*role) == value)
}

/// A part of the page that could not be done, with what was sent.
#[derive(Clone, Copy)]
struct Refused<'a> {
    part: &'static str,
    problem: Problem,
    fields: &'a Fields,
}

/// `GET /people/{id}`.
pub(crate) async fn show(ctx: Ctx, Path(id): Path<String>) -> Result<Html<String>, WebError> {
    let id = hers(&ctx, &id).await?;
    Ok(Html(page(&ctx, id, None).await?.render()?))
}

/// `POST /people/{id}/name`.
pub(crate) async fn name(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let id = hers(&ctx, &id).await?;
    match PersonForm::sent("", &fields).name() {
        Ok((name, language)) => {
            ctx.state.db.change_patient(ctx.by()?, id, &name, language).await?;
            back(id)
        }
        Err(problem) => again(&ctx, id, Refused { part: "name", problem, fields: &fields }).await,
    }
}

/// `POST /people/{id}/contact`: where messages reach her, or somebody close to her.
pub(crate) async fn contact(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let id = hers(&ctx, &id).await?;
    let person: PersonId = fields.one("person").parse().map_err(|_| WebError::NotFound)?;
    match PersonForm::sent("", &fields).contact() {
        Ok(contact) => {
            ctx.state.db.set_contact_around(ctx.by()?, id, person, &contact).await?;
            back(id)
        }
        Err(problem) => again(&ctx, id, Refused { part: "contact", problem, fields: &fields }).await,
    }
}

/// `POST /people/{id}/protection`.
pub(crate) async fn protection(
    ctx: Ctx,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, WebError> {
    let id = hers(&ctx, &id).await?;
    let protection = Protection::read(fields.one("protection")).ok_or(WebError::BadRequest)?;
    ctx.state.db.set_protection(ctx.by()?, id, protection).await?;
    back(id)
}

/// `POST /people/{id}/with-parents`: whether she is a small child who comes with her parents, so that nobody need ask her
/// before they are let in (CARE-04).
pub(crate) async fn with_parents(
    ctx: Ctx,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, WebError> {
    let id = hers(&ctx, &id).await?;
    let comes = match fields.one("do") {
        "yes" => true,
        "no" => false,
        _ => return Err(WebError::BadRequest),
    };
    ctx.state.db.come_with_parents(ctx.by()?, id, comes).await?;
    back(id)
}

/// `POST /people/{id}/around`: somebody who is known, or somebody new.
pub(crate) async fn around(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let id = hers(&ctx, &id).await?;
    let wish = match newcomer(&fields) {
        Ok(wish) => wish,
        Err(problem) => return again(&ctx, id, Refused { part: "around", problem, fields: &fields }).await,
    };
    let problem = Problem { field: "role", key: "people-not-fitting" };
    match ctx.state.db.add_relation(ctx.by()?, id, wish.0, &wish.1).await {
        Ok(_) => back(id),
        Err(StoreError::NotFound) => {
            again(&ctx, id, Refused { part: "around", problem, fields: &fields }).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /people/{id}/apart`: somebody no longer stands around her.
pub(crate) async fn apart(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let id = hers(&ctx, &id).await?;
    let person: PersonId = fields.one("person").parse().map_err(|_| WebError::NotFound)?;
    ctx.state.db.end_relation(ctx.by()?, id, person).await?;
    back(id)
}

/// `POST /people/{id}/team`: share with a colleague, hand to one, or leave.
pub(crate) async fn team(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let id = hers(&ctx, &id).await?;
    let refused = |key| Refused { part: "team", problem: Problem { field: "with", key }, fields: &fields };
    let (by, db) = (ctx.by()?, &ctx.state.db);
    let colleague = fields.one("with").parse::<PersonId>().ok();
    let done = match (fields.one("do"), colleague) {
        ("leave", _) => db.leave_patient(by, id).await,
        ("share", Some(with)) => db.share_patient(by, id, with).await.map(drop),
        ("hand", Some(to)) => db.hand_patient(by, id, to).await,
        ("share" | "hand", None) => return again(&ctx, id, refused("people-not-chosen")).await,
        _ => return Err(WebError::BadRequest),
    };
    match done {
        Ok(()) if fields.one("do") == "share" => back(id),
        Ok(()) => Ok(Redirect::to("/people").into_response()),
        Err(StoreError::Staff(NotChangeable::NobodyLeft)) => {
            again(&ctx, id, refused("people-not-leave")).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /people/{id}/task`.
pub(crate) async fn task(ctx: Ctx, Path(id): Path<String>, fields: Fields) -> Result<Response, WebError> {
    let id = hers(&ctx, &id).await?;
    let task: TaskId = fields.one("task").parse().map_err(|_| WebError::NotFound)?;
    ctx.state.db.finish_task(ctx.by()?, id, task).await?;
    back(id)
}

/// The id in the address, for somebody who has a list; whether she is on it is asked by every step itself.
pub(crate) async fn hers(ctx: &Ctx, id: &str) -> Result<PersonId, WebError> {
    clinician(ctx).await?;
    id.parse().map_err(|_| WebError::NotFound)
}

fn back(id: PersonId) -> Result<Response, WebError> {
    Ok(Redirect::to(&format!("/people/{id}")).into_response())
}

async fn again(ctx: &Ctx, id: PersonId, refused: Refused<'_>) -> Result<Response, WebError> {
    let html = page(ctx, id, Some(refused)).await?.render()?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(html)).into_response())
}

/// Who is to stand around her, as the form says it.
fn newcomer(fields: &Fields) -> Result<(Role, Whom), Problem> {
    let role = role_of(fields.one("role")).ok_or(Problem { field: "role", key: "people-not-role" })?;
    if let Ok(known) = fields.one("known").parse() {
        return Ok((role, Whom::Known(known)));
    }
    let form = PersonForm::sent("new-", fields);
    let (name, language) = form.name()?;
    let contact = form.contact()?;
    let works = matches!(role, Role::CareWorker | Role::Professional | Role::Interpreter);
    let place = fields.one("works-at").parse().ok();
    if works && place.is_none() {
        return Err(Problem { field: "works-at", key: "people-not-place" });
    }
    let id = fields.one("id").parse().map_err(|_| Problem { field: "given", key: "people-not-given" })?;
    let works_at = place.filter(|_| works);
    Ok((role, Whom::New(NewRelated { id, works_at, name, language, contact })))
}

/// The page, with what could not be done.
async fn page(ctx: &Ctx, id: PersonId, refused: Option<Refused<'_>>) -> Result<OnePage, WebError> {
    let (by, db) = (ctx.by()?, &ctx.state.db);
    let entry = db.patient(by, id).await?;
    let colleagues = db.colleagues(by, entry.organization).await?;
    let in_team = |person: &PersonId| entry.team.iter().any(|(member, _)| member == person);
    let colleagues = colleagues.into_iter().filter(|(person, _)| !in_team(person));
    let colleagues = colleagues.map(|(person, name)| (person, name.full().into_revealed())).collect();
    let offered = db.offered_around(by, entry.organization).await?;
    let standing = |one: &Offered| entry.related.iter().any(|related| related.person == one.person);
    let new = Newcomer {
        id: db.new_person_id(ctx.now)?,
        form: PersonForm::empty("new-", ctx.words.lang()),
        role: None,
        works_at: None,
        places: db.partners_of(entry.organization, ctx.now).await?,
        offered: offered.iter().filter(|one| !standing(one)).map(offer).collect(),
    };
    let reader = ctx.signed_in()?.sign_in.person;
    let course = db.course(by, id).await?;
    let mut shown = OnePage::of(Page::new(ctx), (&entry, &course), reader, new);
    shown.colleagues = colleagues;
    if let Some(refused) = refused {
        shown.refuse(&refused);
    }
    Ok(shown)
}

/// When they last met in which way; that they did not is said as well.
pub(crate) fn balance(page: &Page, balance: &Balance) -> [(&'static str, String); 3] {
    let day = |at: Option<Timestamp>| {
        at.map_or_else(|| page.words.get("people-balance-none"), |at| page.past_day(at))
    };
    [
        ("people-balance-room", day(balance.same_room)),
        ("people-balance-screen", day(balance.screen)),
        ("people-balance-phone", day(balance.phone)),
    ]
}

/// Somebody who may be chosen, with where they work.
fn offer(one: &Offered) -> (PersonId, String) {
    let name = one.name.full().into_revealed();
    (one.person, one.works_at.as_ref().map_or_else(|| name.clone(), |place| format!("{name}, {place}")))
}

impl OnePage {
    fn of(page: Page, (entry, course): (&PatientEntry, &Course), reader: PersonId, new: Newcomer) -> Self {
        let member = |(person, name): &(PersonId, store::Name)| Member {
            name: name.full().into_revealed(),
            is_reader: *person == reader,
        };
        let agreed = |task: &store::OpenTask| Agreed {
            id: task.id,
            what: task.description.reveal().clone(),
            who: task.owner.full().into_revealed(),
            due: task.due.clone(),
        };
        let balance = balance(&page, &course.balance);
        Self {
            balance,
            told: course.told.iter().map(|told| ToldLine::of(&page, told)).collect(),
            is_asked: course.is_asked,
            comes_with_parents: entry.comes_with_parents,
            page,
            id: entry.id,
            name: entry.name.full().into_revealed(),
            language: entry.language,
            protection: entry.protection,
            named: PersonForm::stored("", &entry.name, entry.language, &entry.contact),
            reached: PersonForm::reached("", &entry.contact),
            related: entry.related.iter().map(Around::of).collect(),
            team: entry.team.iter().map(member).collect(),
            colleagues: Vec::new(),
            tasks: entry.tasks.iter().map(agreed).collect(),
            new,
            problem: None,
        }
    }

    /// Puts what was sent back into its form and says what is wrong with it.
    fn refuse(&mut self, refused: &Refused<'_>) {
        let Refused { part, problem, fields } = *refused;
        let mut prefix = String::new();
        match part {
            "name" => self.named = PersonForm::sent("", fields).wrong(problem),
            "contact" => {
                let whose = fields.one("person");
                let near = self.related.iter_mut().find(|one| one.id.to_string() == whose);
                let form = near.map_or(Some(&mut self.reached), |one| one.reached.as_mut());
                if let Some(form) = form {
                    prefix.clone_from(&form.prefix);
                    *form = PersonForm::sent(&prefix, fields).wrong(problem);
                }
            }
            "around" => {
                prefix = "new-".to_owned();
                self.new.form = PersonForm::sent(&prefix, fields).wrong(problem);
                self.new.role = role_of(fields.one("role"));
                self.new.works_at = fields.one("works-at").parse().ok();
                self.new.id = fields.one("id").parse().unwrap_or(self.new.id);
            }
            _ => {}
        }
        self.problem = Some((part, format!("{prefix}{}", problem.field), problem.key));
    }
}

impl Around {
    fn of(related: &RelatedEntry) -> Self {
        let prefix = format!("{}-", related.person);
        Self {
            id: related.person,
            name: related.name.full().into_revealed(),
            role_key: role_key(related.role),
            works_at: related.works_at.clone(),
            reached: related.contact.as_ref().map(|contact| PersonForm::reached(&prefix, contact)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_around_her_is_offered_and_reads_back() {
        for role in AROUND {
            assert_eq!(role_of(role_value(role)), Some(role));
        }
        assert_eq!((role_of("host"), role_of("")), (None, None), "nobody becomes a host or a patient here");
    }

    #[test]
    fn a_professional_comes_from_somewhere_and_a_guardian_does_not() {
        let id = "00000000-0000-7000-8000-000000000001";
        let typed = |more: &[(&str, &str)]| {
            let base = [("id", id), ("given", "Mona"), ("language", "nb"), ("way", "none")];
            newcomer(&Fields::of(&[&base[..], more].concat()))
        };
        assert!(matches!(
            typed(&[("role", "guardian"), ("works-at", id)]),
            Ok((Role::Guardian, Whom::New(NewRelated { works_at: None, .. })))
        ));
        let nowhere = typed(&[("role", "professional")]).expect_err("refused");
        assert_eq!(nowhere.field, "works-at");
        assert!(matches!(typed(&[("role", "care-worker"), ("known", id)]), Ok((_, Whom::Known(_)))));
        assert_eq!(typed(&[]).expect_err("refused").field, "role");
    }
}

//! Who came to which role and access: the last entries of the audit chain about it, without a word about young people.

use askama::Template;
use axum::extract::Path;
use axum::response::Html;
use domain::audit::Action;
use ids::{OrganizationId, Timestamp};
use store::AccessLine;

use crate::account::role_key;
use crate::admin::administered;
use crate::ctx::Ctx;
use crate::errors::WebError;
use crate::page::Page;

/// Entries that are shown.
const LINES_MAX: u32 = 50;

/// The last entries.
#[derive(Template)]
#[template(path = "admin/log.html")]
pub(crate) struct LogPage {
    pub(crate) page: Page,
    pub(crate) organization: OrganizationId,
    pub(crate) lines: Vec<Entry>,
}

/// One entry in words.
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) what: &'static str,
    pub(crate) role: Option<&'static str>,
    pub(crate) about: Option<String>,
    pub(crate) by: Option<String>,
    pub(crate) by_operator: bool,
}

impl Entry {
    fn of(line: AccessLine) -> Self {
        let name = |name: store::Name| name.full().into_revealed();
        Self {
            at: line.at,
            what: action_key(line.action),
            role: line.role.map(role_key),
            about: line.about.map(name),
            by: line.by.map(name),
            by_operator: line.by_operator,
        }
    }
}

/// The key of the words for what was done.
pub(crate) fn action_key(action: Action) -> &'static str {
    match action {
        Action::RoleGranted => "admin-log-role-granted",
        Action::RoleEnded => "admin-log-role-ended",
        Action::StaffLinkIssued => "admin-log-link-made",
        Action::StaffLinkUsed => "admin-log-link-used",
        Action::StaffLinkRevoked => "admin-log-link-revoked",
        Action::PasskeyAdded => "admin-log-passkey-added",
        Action::PasskeyRemoved => "admin-log-passkey-removed",
        Action::OrganizationAdded => "admin-log-organization-added",
        Action::HelplinesChanged => "admin-log-helplines",
        _ => "admin-log-organization-changed",
    }
}

/// `GET /admin/{organization}/log`.
pub(crate) async fn show(ctx: Ctx, Path(id): Path<String>) -> Result<Html<String>, WebError> {
    let organization = administered(&ctx, &id).await?;
    let lines = ctx.state.db.access_log(ctx.by()?, organization, LINES_MAX).await?;
    let lines = lines.into_iter().map(Entry::of).collect();
    Ok(Html(LogPage { page: Page::new(&ctx), organization, lines }.render()?))
}

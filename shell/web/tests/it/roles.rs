//! What each role opens (SEC-071): one golden table with a column for each, beside the one of `authorization.rs`.
//!
//! The table is `roles.txt`. All people work in the demo's clinic and are signed in as persons, but *by link* (an
//! administrator who came by a personal link to one meeting) and *once* (who no longer has the role).

use std::fmt::Write;

use axum::http::Method;
use domain::people::OrganizationKind;
use domain::staff::StaffRole;
use ids::Role;
use store::demo::DemoRole;
use store::{By, NewInvitation, RoleOf};

use crate::authorization::rows_of_people;
use crate::world::{Browser, Kind, World};

const WHO: [&str; 8] =
    ["administrator", "clinician", "leader", "care worker", "support", "no role", "by link", "once"];

async fn browser<'w>(world: &'w World, who: &str) -> Browser<'w> {
    let clinic = world.clinic().await;
    let roles: &[StaffRole] = match who {
        "administrator" | "by link" | "once" => &[StaffRole::Administrator],
        "clinician" => return world.signed_in(world.person(DemoRole::Clinician).person).await,
        "leader" => &[StaffRole::Leader],
        "care worker" => &[StaffRole::CareWorker],
        "support" => &[StaffRole::Support],
        _ => &[],
    };
    let person = world.staff(clinic, "Per", roles).await;
    let by = By::operator(world.now());
    if who == "once" {
        let old = RoleOf { person, organization: clinic, role: StaffRole::Administrator };
        world.db.end_role(by, old).await.expect("it is ended");
    }
    if who != "by link" {
        return world.signed_in(person).await;
    }
    let appointment = world.demo.appointment;
    let new = NewInvitation { appointment, person, role: Role::Professional, until: None };
    let invitation = world.db.invite(by, new).await.expect("invited").id;
    let link = world.db.issue_link(by, invitation).await.expect("made");
    let mut browser = world.browser();
    browser.post(&format!("/j/{}", link.token.reveal()), "").await;
    assert!(browser.cookies.contains_key("samrom"), "the press signs in to that meeting");
    browser
}

#[tokio::test]
async fn the_table_of_roles_holds() {
    let world = World::new().await;
    let plain = |route: &'static str| ("GET", route, route.to_owned(), String::new());
    let mut rows: Vec<_> = ["/account", "/day", "/day/ill", "/book"].map(plain).into();
    rows.extend(rows_of_people(&world, world.clinic().await));
    let mut table = format!("{:<5}{:<50}", "", "route");
    for who in WHO {
        let _ = write!(table, "{who:>14}");
    }
    table.push('\n');
    let mut browsers = Vec::new();
    for who in WHO {
        browsers.push(browser(&world, who).await);
    }
    for (method, route, path, form) in rows {
        let _ = write!(table, "{method:<5}{route:<50}");
        for browser in &mut browsers {
            let answer = match method {
                "POST" => browser.post(&path, &form).await,
                _ => {
                    let request = browser.request(Method::GET, &path);
                    browser.send(request.body(axum::body::Body::empty()).expect("a request")).await
                }
            };
            let _ = write!(table, "{:>14}", answer.status.as_u16());
        }
        table.push('\n');
    }
    let golden = include_str!("roles.txt");
    assert!(golden == table, "the table has become:\n{table}");
}

/// A sign-in that no passkey made opens the administrator's pages in the demo only.
#[tokio::test]
async fn outside_the_demo_only_a_passkey_administers() {
    let world = World::of(Kind { demo_mode: false, base_url: "http://localhost:8080" }).await;
    let mut browser = browser(&world, "administrator").await;
    for path in ["/admin", &format!("/admin/{}", world.clinic().await)] {
        assert_eq!(browser.get(path).await.status.as_u16(), 404, "{path}");
    }
    assert_eq!(browser.get("/account").await.status.as_u16(), 200, "signed in all the same");
}

/// SEC-071: where they work; a role somewhere else opens no day here.
#[tokio::test]
async fn a_role_elsewhere_opens_no_day_here() {
    let world = World::new().await;
    let person = world.staff(world.clinic().await, "Per", &[]).await;
    let by = By::operator(world.now());
    let elsewhere = world.db.add_organization(by, "En annen klinikk", OrganizationKind::Clinic).await;
    let organization = elsewhere.expect("it is entered").id;
    let role = StaffRole::Clinician;
    world.db.grant_role(by, RoleOf { person, organization, role }).await.expect("the role is given");
    let mut browser = world.signed_in(person).await;
    for path in ["/day", "/people", "/book"] {
        assert_eq!(browser.get(path).await.status.as_u16(), 404, "{path}");
    }
}

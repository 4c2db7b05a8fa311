//! Exit codes and messages of the command line.

use crate::cluster::we_are_root;
use crate::harness::{folder, run};

#[tokio::test]
async fn sec_030_an_unknown_key_stops_the_program_before_anything_is_opened() {
    let (_kept, data) = folder();
    std::fs::write(data.join("samrom.toml"), "data = \"records\"\n[media]\nadress = \"192.0.2.1\"\n")
        .expect("written");
    let (code, out, err) = run(&["serve"], &data).await;
    assert_eq!(code, 1, "{out}");
    assert!(err.contains("line 3: there is no key `media.adress`"), "{err}");
    assert!(err.contains("did you mean `media.address`?"), "{err}");
    assert!(!data.join("records").exists());
}

#[tokio::test]
async fn a_clinic_is_set_up_by_hand_and_every_step_is_in_the_chain() {
    let (_kept, data) = folder();
    let path = data.display().to_string();
    let admin = async |arguments: &[&str]| {
        let all = [&["admin", "--data", &path][..], arguments].concat();
        let (code, out, err) = run(&all, &data).await;
        assert_eq!(code, 0, "{arguments:?}: {err}");
        out.trim().to_owned()
    };
    let clinic = admin(&["organization", "--name", "Prøveklinikken", "--kind", "clinic"]).await;
    let enter = ["person", "--organization", &clinic, "--given", "Ola", "--family", "Prøve", "--kind"];
    let clinician = admin(&[&enter[..], &["practitioner"]].concat()).await;
    let young = admin(&[&enter[..], &["patient"]].concat()).await;
    let plan =
        ["appointment", "--organization", &clinic, "--kind", "consultation", "--responsible", &clinician];
    let meeting = admin(&[&plan[..], &["--starts", "2031-12-01T14:30"]].concat()).await;
    admin(&["invite", "--appointment", &meeting, "--person", &clinician, "--role", "host"]).await;
    admin(&["invite", "--appointment", &meeting, "--person", &young, "--role", "young-person"]).await;
    let link = admin(&["link", "--appointment", &meeting, "--person", &young]).await;
    assert!(link.starts_with("http://localhost:8000/j/"), "{link}");
    let block =
        ["block", "--appointment", &meeting, "--person", &young, "--by", &clinician, "--why", "a test"];
    admin(&block).await;
    let people = admin(&["people", "--appointment", &meeting]).await;
    let line = people.lines().find(|line| line.contains(&young)).expect("the young person is listed");
    assert!(line.contains("OP") && line.contains("blocked") && line.contains("link sent"), "{line}");
    assert!(!people.contains("Prøve"), "CARE-12: initials only");
    admin(&["unblock", "--appointment", &meeting, "--person", &young, "--by", &clinician]).await;
    let (code, out, _) = run(&["audit", "verify", "--data", &path], &data).await;
    // No server has run, so nothing was signed: a cut tail could not be seen, and that is said.
    assert_eq!(code, 3, "{out}");
    assert!(out.contains("there is no signed head"), "{out}");
}

/// Where root cannot be played there is nobody to refuse; the rule itself is tested beside it.
#[tokio::test]
async fn sec_090_root_leaves_nothing_in_the_data_folder_of_another_user() {
    let (_kept, data) = folder();
    if !we_are_root() {
        return;
    }
    let path = data.display().to_string();
    let nobody = nix::unistd::User::from_name("nobody").expect("asked").expect("every machine has one");
    std::os::unix::fs::chown(&data, Some(nobody.uid.as_raw()), None).expect("root may");
    let organization = ["admin", "organization", "--name", "Klinikken", "--kind", "clinic", "--data", &path];
    for command in
        [&organization[..], &["serve", "--port", "0", "--data", &path], &["audit", "verify", "--data", &path]]
    {
        let (code, out, err) = run(command, &data).await;
        assert_eq!(code, 1, "{command:?}: {out}");
        assert!(err.contains("runuser -u nobody -- samrom"), "{err}");
    }
    assert_eq!(std::fs::read_dir(&data).expect("a folder").count(), 0, "nothing was left behind");
}

#[tokio::test]
async fn an_administrator_gets_roles_and_a_link_and_loses_them() {
    let (_kept, data) = folder();
    let path = data.display().to_string();
    let admin = async |arguments: &[&str]| {
        let all = [&["admin", "--data", &path][..], arguments].concat();
        let (code, out, err) = run(&all, &data).await;
        (code, out.trim().to_owned(), err.trim().to_owned())
    };
    let (_, clinic, _) = admin(&["organization", "--name", "Prøveklinikken", "--kind", "clinic"]).await;
    let enter = ["person", "--organization", &clinic, "--given", "Ola", "--family", "Prøve", "--kind"];
    let (_, ola, _) = admin(&[&enter[..], &["practitioner"]].concat()).await;
    let (_, young, _) = admin(&[&enter[..], &["patient"]].concat()).await;
    let role = ["--person", &ola, "--organization", &clinic, "--role", "administrator"];
    for (step, words) in [
        ("grant", "granted"),
        ("grant", "had this role already"),
        ("end", "ended"),
        ("end", "did not have this role"),
    ] {
        let (code, _, err) = admin(&[&["role", step][..], &role].concat()).await;
        assert_eq!((code, err.as_str()), (0, words));
    }
    let (_, link, _) = admin(&["staff-link", "--person", &ola]).await;
    assert!(link.starts_with("http://localhost:8000/first/"), "{link}");
    let (code, out, err) = admin(&["staff-link", "--person", &young]).await;
    assert!(code == 1 && out.is_empty() && err.contains("only a practitioner"), "{err}");
    assert_eq!(admin(&["end-access", "--person", &ola]).await.2, "ended");
    assert_eq!(admin(&["end-access", "--person", &ola]).await.2, "there was no access to end");
}

//! The lines that the server prints at the start, for whoever sits at the terminal. They hold sign-in links, so they
//! go to standard output and never into the log.

use std::path::Path;

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use store::demo::{Demo, DemoRole};
use web::DemoLink;

use crate::media::address::{Found, MediaAddress};

/// Where a phone finds the certificate of the local authority.
pub(crate) const AUTHORITY_PATH: &str = "/authority.crt";

/// Where people find the pages.
pub(crate) struct Addresses {
    /// The address for everybody.
    pub(crate) base_url: String,
    /// The port on this machine.
    pub(crate) port: u16,
    /// The address for the local network.
    pub(crate) lan: Option<Lan>,
}

/// The address for the local network.
pub(crate) struct Lan {
    /// Scheme, address and port.
    pub(crate) base_url: String,
}

/// How a demo person is called at the terminal, and the name before `.localhost` that gives each its own cookies.
const fn label(who: DemoRole) -> (&'static str, &'static str) {
    match who {
        DemoRole::Clinician => ("clinician", "clinician"),
        DemoRole::Colleague => ("colleague", "colleague"),
        DemoRole::YoungPerson => ("young person", "young"),
        DemoRole::Guardian => ("guardian", "guardian"),
        DemoRole::CareWorker => ("care worker", "care"),
        DemoRole::Professional => ("professional", "professional"),
    }
}

/// The sign-in links of the demo (SEC-010).
pub(crate) fn demo_links(demo: &Demo, port: u16) -> Vec<DemoLink> {
    let link = |person: &store::demo::DemoPerson| {
        let (_, host) = label(person.who);
        let address = format!("http://{host}.localhost:{port}/demo/{}", person.sign_in.reveal());
        DemoLink { who: person.who, address }
    };
    demo.people.iter().map(link).collect()
}

/// Says where media goes.
pub(crate) fn media(address: MediaAddress, ports: &[u16]) {
    let list: Vec<_> = ports.iter().map(u16::to_string).collect();
    let how = match address.found {
        Found::Configured => "as configured",
        Found::OnThisMachine => "this machine's first address; --media-address names another",
        Found::LoopbackOnly => "there is no other",
    };
    println!("media:        {} port {} ({how})", address.offered, list.join(", "));
    if address.offered.is_loopback() {
        println!("              Firefox sends no media to loopback: it will not connect. Chromium will.");
    }
}

/// Says where messages lie that nobody sends.
pub(crate) fn messages(in_folder: bool, data: &Path) {
    if in_folder {
        println!("messages:     {} (laid there, not sent)", data.join(crate::message::FOLDER).display());
    }
}

/// Says where the pages are, with one link per demo person.
pub(crate) fn pages(addresses: &Addresses, demo: Option<&Demo>) {
    println!("pages:        {}", addresses.base_url);
    if let Some(lan) = &addresses.lan {
        print_lan(lan, demo);
    }
    for link in demo.map(|demo| demo_links(demo, addresses.port)).unwrap_or_default() {
        println!("{:<14}{}", format!("{}:", label(link.who).0), link.address);
    }
}

fn print_lan(lan: &Lan, demo: Option<&Demo>) {
    println!("network:      {}", lan.base_url);
    println!(
        "              A phone warns of an unknown authority; to be rid of that, install it on the phone from"
    );
    println!("              {}{AUTHORITY_PATH}", lan.base_url);
    let links = demo.into_iter().flat_map(|demo| &demo.people);
    for (who, token) in links.filter_map(|person| Some((person.who, person.link.as_ref()?))) {
        let address = format!("{}/j/{}", lan.base_url, token.reveal());
        println!("on a phone, {}: {address}", label(who).0);
        if who == DemoRole::YoungPerson
            && let Ok(code) = QrCode::new(&address)
        {
            // Light on dark, as terminals mostly are.
            println!("{}", code.render().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build());
        }
    }
}

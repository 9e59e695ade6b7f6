//! Pages of the process in `fixture`.

use super::make;
use crate::fixture::Fake;
use crate::order::Order;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use balance::{ServerIndex, ServerState};
use engine::{Form, PageAsked, PageMade};
use session::settings::{ProxyIndex, StatsPage};

/// The frontend `fe` has the page at `/s`.
fn view(page: StatsPage) -> Fake {
    let mut view = Fake::new();
    view.settings.proxies[0].stats = Some(Box::new(StatsPage {
        uri: "/s".into(),
        ..page
    }));
    view
}

fn asked(view: &Fake, target: &str, form: Option<Form>) -> (PageMade, Vec<Order>) {
    let asked = PageAsked {
        proxy: ProxyIndex(0),
        target: target.into(),
        form,
    };
    make(view, &asked)
}

fn body(page: &PageMade) -> String {
    String::from_utf8(page.body.clone()).unwrap()
}

fn field<'p>(page: &'p PageMade, name: &str) -> Option<&'p str> {
    let mut fields = page.fields.iter();
    let found = fields.find(|field| field.0 == name);
    found.map(|field| &*field.1)
}

/// The rows of a page as CSV: proxy and name.
fn rows(page: &PageMade) -> Vec<String> {
    let text = body(page);
    let rows = text.lines().skip(1);
    rows.map(|row| row.split(',').take(2).collect::<Vec<_>>().join("/"))
        .collect()
}

#[test]
fn csv_shows_the_proxies_that_are_asked_for_and_may_be_seen() {
    let all = view(StatsPage::default());
    let (page, orders) = asked(&all, "/s;csv", None);
    assert_eq!(
        (page.status, field(&page, "content-type")),
        (200, Some("text/plain"))
    );
    assert!(orders.is_empty());
    assert!(body(&page).starts_with("# pxname,svname,"));
    assert_eq!(rows(&page)[0], "fe/FRONTEND");
    assert!(rows(&page).contains(&"be/s3".into()));
    let (page, _) = asked(&all, "/s?;csv;scope=be", None);
    assert_eq!(rows(&page), ["be/s1", "be/s2", "be/s3", "be/BACKEND"]);
    let (page, _) = asked(&all, "/s;csv;no-maint;scope=be", None);
    assert_eq!(rows(&page), ["be/s1", "be/s2", "be/BACKEND"]);

    let some = view(StatsPage {
        scope: Vec::from([".".into(), "b3".into()]),
        ..StatsPage::default()
    });
    let (page, _) = asked(&some, "/s;csv", None);
    assert_eq!(
        rows(&page),
        ["fe/FRONTEND", "fe/foo", "fe/sock-2", "b3/BACKEND"]
    );
}

#[test]
fn addresses_and_the_like_are_only_shown_as_legends() {
    for shows_legends in [false, true] {
        let view = view(StatsPage {
            shows_legends,
            ..StatsPage::default()
        });
        for target in ["/s;csv", "/s;json", "/s"] {
            let (page, _) = asked(&view, target, None);
            let tells = body(&page).contains("127.0.0.1:18801");
            assert_eq!(tells, shows_legends, "{target}");
            assert_eq!(body(&page).contains("leastconn"), shows_legends, "{target}");
        }
    }
}

#[test]
fn json_is_one_list_of_rows() {
    let (page, _) = asked(&view(StatsPage::default()), "/s;json;scope=b3", None);
    assert_eq!(field(&page, "content-type"), Some("application/json"));
    let text = body(&page);
    assert!(text.starts_with("[[{\"objType\":\"Backend\""), "{text}");
    assert!(text.ends_with("}]]\n"), "{text}");
}

#[test]
fn html_has_forms_only_where_servers_may_be_changed_and_no_markup_of_others() {
    let mut view = view(StatsPage {
        refresh: Some(base::Duration::from_secs(7)),
        description: Some(Some("<b>&".into())),
        ..StatsPage::default()
    });
    let (page, _) = asked(&view, "/s", None);
    assert_eq!(field(&page, "refresh"), Some("7"));
    assert!(body(&page).contains("&lt;b&gt;&amp;"));
    assert!(!body(&page).contains("<form"));
    assert!(!body(&page).contains("1.2.3"), "the version is hidden");
    let conditions = sample::For::read(|_| Ok::<_, ()>(Box::from([])));
    view.settings.proxies[0].rules.front_admin = conditions.ok();
    let (page, _) = asked(&view, "/s;norefresh;st=DONE", None);
    assert_eq!(field(&page, "refresh"), None);
    assert_eq!(body(&page).matches("<form").count(), 2, "of be and li");
    assert!(body(&page).contains("Done."));
}

#[test]
fn forms_say_what_servers_are_to_be() {
    let all = view(StatsPage::default());
    let hidden = view(StatsPage {
        scope: Vec::from([".".into()]),
        ..StatsPage::default()
    });
    let maintenance = |server: u32| Order::SetServer {
        backend: ProxyIndex(1),
        server: ServerIndex(server),
        state: ServerState::Maintenance,
    };
    for (view, form, outcome, orders) in [
        (
            &all,
            "s=s1&s=s3&action=maint&b=%233",
            "DONE",
            Vec::from([maintenance(0), maintenance(2)]),
        ),
        (
            &all,
            "s=s1&s=s9&action=maint&b=be",
            "PART",
            Vec::from([maintenance(0)]),
        ),
        (&all, "action=maint&b=be", "NONE", Vec::new()),
        (&all, "s=s1&action=explode&b=be", "ERRP", Vec::new()),
        (&all, "s=s1&action=maint&b=fe", "ERRP", Vec::new()),
        (&all, "s=%zz&action=maint&b=be", "ERRP", Vec::new()),
        (&all, "", "ERRP", Vec::new()),
        (&hidden, "s=s1&action=maint&b=be", "DENY", Vec::new()),
    ] {
        let (page, done) = asked(view, "/s;up", Some(Form::Fields(form.into())));
        assert_eq!(page.status, 303, "{form}");
        let to = alloc::format!("/s;st={outcome};up");
        assert_eq!(field(&page, "location"), Some(&*to), "{form}");
        assert_eq!(done, orders, "{form}");
    }
    for (form, outcome) in [(Form::Denied, "DENY"), (Form::Excess, "EXCD")] {
        let (page, done) = asked(&all, "/s;scope=<x>", Some(form));
        let to = alloc::format!("/s;st={outcome}");
        assert_eq!(field(&page, "location"), Some(&*to));
        assert!(done.is_empty());
    }
}

//! The network fails in the middle of things, or something on it answers in the store's place.

use lac_client::view::SendState;
use lac_tests::barsetshire::Town;
use lac_tests::support::cable::Cable;
use lac_wire::Recipient;

use crate::chance::Chance;
use crate::clock::hasty;
use crate::desk::Desk;

/// What strangers between a desktop and its store say.
const ANSWERS: [(&str, &str); 9] = [
    (
        "a network's sign-in page",
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 22\r\nconnection: close\r\n\r\n<h1>Accept terms</h1>\n",
    ),
    (
        "a sign-in page that calls itself JSON",
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 22\r\nconnection: close\r\n\r\n<h1>Accept terms</h1>\n",
    ),
    (
        "JSON of something else",
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 25\r\nconnection: close\r\n\r\n{\"status\":\"not signed in\"}",
    ),
    (
        "an empty object",
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
    ),
    ("no content", "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"),
    (
        "the way to a sign-in page",
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/login\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    ),
    (
        "a filter's refusal",
        "HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\ncontent-length: 16\r\nconnection: close\r\n\r\n<h1>Blocked</h1>",
    ),
    (
        "a proxy's refusal",
        "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: 24\r\nconnection: close\r\n\r\n{\"error\":\"unauthorized\"}",
    ),
    (
        "garbage",
        "\u{1}\u{2}\u{3} this is not HTTP at all \u{7f}\u{7f}\r\n\r\n",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_network_does_each_message_leaves_once_and_in_order() {
    let mut chance = Chance::new();
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    barsetshire.sign_in("leila.haddad@example.org").await.unwrap();
    let (head, head_account) = Desk::sign_in_by(hasty(), &town.store.url(), "priya.shah@example.org").await;
    let mut cable = Cable::to(town.store.address()).await.unwrap();
    let (leila, account) = Desk::sign_in_by(hasty(), &cable.url(), "leila.haddad@example.org").await;
    let conversation = leila
        .send(account, Recipient::VirtualSchool, "Bad network", "The first.")
        .await;
    head.until_text(head_account, conversation, "The first.").await;
    leila.until_all_sent(account).await;

    type Fault<'a> = (String, Box<dyn Fn(&Cable) + 'a>);
    let mut faults: Vec<Fault<'_>> = vec![("lost answers".to_owned(), Box::new(Cable::lose_answers))];
    for after in [0, 1, 100, chance.below(600), chance.below(900)] {
        faults.push((
            format!("questions broken after {after} bytes"),
            Box::new(move |cable| cable.break_questions(after)),
        ));
    }
    for after in [1, 16, chance.below(200), chance.below(400)] {
        faults.push((
            format!("answers broken after {after} bytes"),
            Box::new(move |cable| cable.break_answers(after)),
        ));
    }
    for (name, answer) in ANSWERS {
        faults.push((
            format!("{name}, and the store hears nothing"),
            Box::new(move |cable| cable.answer_instead(answer)),
        ));
        faults.push((
            format!("{name}, for the store's answer"),
            Box::new(move |cable| cable.forge_answers(answer)),
        ));
    }

    let mut written = vec!["The first.".to_owned()];
    for (name, fault) in &faults {
        println!("{name}");
        fault(&cable);
        leila.reply(account, conversation, name).await;
        written.push(name.clone());
        leila
            .until(account, name, |held| held.sync.waiting == 1 && !held.sync.online)
            .await;
        let outbox = leila.app.list_outbox(account, ()).await.unwrap();
        assert_eq!(outbox.len(), 1, "{name}: the message is kept");
        assert_ne!(outbox[0].state, SendState::NotSent, "{name}: {:?}", outbox[0].problem);
        let state = leila.app.app_state(()).await.unwrap();
        assert!(
            state.accounts[0].problem.is_none(),
            "{name}: nothing asks the person to sign in: {:?}",
            state.accounts[0].problem
        );
        cable.mend().await.unwrap();
        leila.until_all_sent(account).await;
    }
    head.until_count(head_account, conversation, written.len()).await;
    let texts: Vec<String> = head
        .letters(head_account, conversation)
        .await
        .into_iter()
        .map(|letter| letter.2)
        .collect();
    assert_eq!(texts, written, "each once, in order");
    assert_eq!(
        leila.letters(account, conversation).await,
        head.letters(head_account, conversation).await
    );
}

use crate::both_engines;
use crate::test_support::TestClient;
use lac_wire::ErrorCode;

both_engines! {
    async fn what_is_not_there_and_what_is_not_understood(store: &TestStore) {
        let client = &store.super_user.client;
        let unknown = client.get("/v1/none").await.error();
        assert_eq!(unknown.code, ErrorCode::NotFound);
        assert!(unknown.request_id.is_some());
        assert_eq!(client.get("/v1/held?part=moon").await.code(), ErrorCode::Malformed);
        assert_eq!(client.post("/v1/commands", &serde_json::json!({ "x": 1 })).await.code(), ErrorCode::Malformed);
        assert_eq!(client.get("/v1/conversations/no-id").await.code(), ErrorCode::NotFound);
        assert_eq!(client.delete("/v1/me").await.code(), ErrorCode::Malformed);
        let long = serde_json::json!({ "x": "x".repeat(300_000) });
        assert_eq!(client.post("/v1/commands", &long).await.code(), ErrorCode::TooLarge);
        let stranger = TestClient::new(&store.store);
        for path in ["/healthz", "/readyz", "/v1/about", "/v1/openapi.json"] {
            assert_eq!(stranger.get(path).await.status, 200, "{path}");
        }
    }
}

/// Reads until the connection ends.
async fn read_all(mut stream: tokio::net::TcpStream) -> String {
    use tokio::io::AsyncReadExt as _;
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn a_server_with_open_streams_ends_when_it_is_told_to() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    crate::test_support::TestStore::with(
        crate::storage::Engine::Sqlite,
        async |store: &crate::test_support::TestStore| {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let address = listener.local_addr().unwrap();
            let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
            let served = tokio::spawn(super::serve(listener, store.store.clone(), async {
                stopped.await.unwrap();
            }));
            let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
            let token = store.super_user.client.token.clone().unwrap();
            let request = format!("GET /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut first = [0; 15];
            stream.read_exact(&mut first).await.unwrap();
            assert_eq!(&first, b"HTTP/1.1 200 OK");
            stop.send(()).unwrap();
            served.await.unwrap().unwrap();
            assert!(read_all(stream).await.contains("event: poke"));
        },
    )
    .await;
}

/// What is there for someone who is not signed in: a one-time code, or a password, is what gets them in.
const OPEN: [&str; 6] = [
    "/v1/about",
    "/v1/invitations/look",
    "/v1/invitations/accept",
    "/v1/password-codes",
    "/v1/password-codes/look",
    "/v1/password-codes/use",
];

/// Every endpoint but those for getting in asks for a session.
#[tokio::test]
async fn nothing_is_open_to_strangers_but_getting_in() {
    crate::test_support::TestStore::with(
        crate::storage::Engine::Sqlite,
        async |store: &crate::test_support::TestStore| {
            let stranger = TestClient::new(&store.store);
            let document = serde_json::to_value(super::openapi()).unwrap();
            let mut asked = 0;
            for (path, methods) in document["paths"].as_object().unwrap() {
                for method in methods.as_object().unwrap().keys() {
                    let open = OPEN.contains(&path.as_str()) || (path == "/v1/sessions" && method == "post");
                    if open {
                        continue;
                    }
                    let path = path.replace("{id}", &crate::test_support::new_uuid().to_string());
                    let method = method.to_uppercase().parse().unwrap();
                    let reply = stranger
                        .send(method, &path, None::<&()>, crate::test_support::new_uuid())
                        .await;
                    assert_eq!(reply.code(), ErrorCode::SignedOut, "{path}");
                    asked += 1;
                }
            }
            assert!(asked > 10, "{asked}");
        },
    )
    .await;
}

#[test]
fn the_contract_as_a_document() {
    insta::assert_json_snapshot!("openapi", super::openapi());
}

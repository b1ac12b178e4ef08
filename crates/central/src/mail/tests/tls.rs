use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::server::Encryption;
use super::*;
use crate::both_engines;

/// `lac` and `correct horse`, as AUTH PLAIN has them.
const PLAIN: &str = "PLAIN AGxhYwBjb3JyZWN0IGhvcnNl";

/// An acceptor with a certificate of its own, and that certificate as PEM.
fn acceptor(name: &str) -> (TlsAcceptor, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), cert.pem())
}

fn file(store: &TestStore, name: &str, text: &str) -> PathBuf {
    let path = store.folder().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn smtp(port: u16, tls: SmtpTls) -> Smtp {
    Smtp {
        host: "localhost".to_owned(),
        port,
        tls,
        sign_in: None,
        ca_file: None,
        patience: Duration::from_secs(20),
    }
}

both_engines! {
    async fn mails_go_encrypted_and_signed_in(store: &TestStore) {
        let (acceptor, pem) = acceptor("localhost");
        let (ca_file, password) = (file(store, "ca.pem", &pem), file(store, "smtp-password", "correct horse\n"));
        for (encryption, tls) in [
            (Encryption::Starttls(acceptor.clone()), SmtpTls::Starttls),
            (Encryption::FromTheStart(acceptor), SmtpTls::Required),
        ] {
            let server = Server::with(&[], encryption, Some(PLAIN), 0).await;
            let sign_in = Some(("lac".to_owned(), password.clone()));
            let smtp = with_smtp(store, Smtp { sign_in, ca_file: Some(ca_file.clone()), ..smtp(server.port, tls) }).await;
            invite(store, "Eleanor", &format!("{tls:?}")).await;
            assert_eq!(send(&smtp).await, 1, "{:?}", rows(store).await);
            assert!(server.got()[0].encrypted);
            assert_eq!(server.signed_in(), [PLAIN]);
            smtp.close().await;
        }
    }

    async fn without_starttls_nothing_is_sent(store: &TestStore) {
        let server = Server::start(&[]).await;
        let smtp = with_smtp(store, smtp(server.port, SmtpTls::Starttls)).await;
        invite(store, "Eleanor", "Bold").await;
        assert_eq!(send(&smtp).await, 0);
        assert_eq!((server.got().len(), server.connections()), (0, 1));
        assert!(rows(store).await[0].3.as_ref().unwrap().contains("does not offer STARTTLS"), "{:?}", rows(store).await);
        smtp.close().await;
    }

    async fn a_certificate_that_nobody_vouches_for_is_not_trusted(store: &TestStore) {
        let (stranger, _) = acceptor("localhost");
        let (other_name, pem) = acceptor("mail.example.org");
        let ca_file = file(store, "ca.pem", &pem);
        for (acceptor, ca_file) in [(stranger, None), (other_name, Some(ca_file))] {
            let server = Server::with(&[], Encryption::FromTheStart(acceptor), None, 0).await;
            let smtp = with_smtp(store, Smtp { ca_file, ..smtp(server.port, SmtpTls::Required) }).await;
            invite(store, "Eleanor", &server.port.to_string()).await;
            assert_eq!(send(&smtp).await, 0);
            assert_eq!((server.got().len(), server.connections()), (0, 1));
            let problem = rows(store).await.into_iter().find_map(|row| row.3).unwrap();
            assert!(problem.contains("certificate"), "{problem}");
            smtp.close().await;
        }
    }

    async fn a_wrong_password_keeps_mails_waiting_and_is_never_shown(store: &TestStore) {
        let (acceptor, pem) = acceptor("localhost");
        let (ca_file, wrong) = (file(store, "ca.pem", &pem), file(store, "wrong", "battery staple"));
        let server = Server::with(&[], Encryption::Starttls(acceptor), Some(PLAIN), 0).await;
        let plain = smtp(server.port, SmtpTls::Starttls);
        for (sign_in, said) in [
            (Some(("lac".to_owned(), wrong)), "the mail server refused the user name or password of --smtp-user (535 5.7.8)"),
            (Some(("lac".to_owned(), store.folder().join("nowhere"))), "the file of --smtp-password-file cannot be read: entity not found"),
            (None, "the mail server refused the sender's address of --mail-from (530 5.7.0)"),
        ] {
            let smtp = with_smtp(store, Smtp { sign_in, ca_file: Some(ca_file.clone()), ..plain.clone() }).await;
            invite(store, "Eleanor", &said.len().to_string()).await;
            assert_eq!(send(&smtp).await, 0);
            let problems: Vec<String> = rows(store).await.into_iter().filter_map(|row| row.3).collect();
            assert!(problems.iter().any(|why| why == said), "{problems:?}");
            assert!(problems.iter().all(|why| !why.contains("battery") && !why.contains('@')), "{problems:?}");
            smtp.close().await;
            store.clock.advance(chrono::TimeDelta::minutes(1));
        }
        assert_eq!(server.got().len(), 0);
    }
}

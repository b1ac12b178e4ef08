use lac_domain::Role;
use lac_wire::{ErrorCode, ExportFormat, ExportNoted, NoteExport, Recipient};

use crate::test_support::{TestPupil, TestStore};
use crate::{both, both_engines};

fn export(reason: &str) -> NoteExport {
    NoteExport {
        format: ExportFormat::Pdf,
        reason: reason.into(),
        messages: 12,
        filtered: true,
    }
}

/// The details of all exports that the trail holds.
async fn noted(store: &TestStore) -> Vec<serde_json::Value> {
    let mut conn = store.store.read().await.unwrap();
    let sql = "SELECT detail FROM audit_events WHERE action = 'history.exported' ORDER BY number";
    let rows: Vec<String> = both!(&mut conn, c => sqlx::query_scalar(sql).fetch_all(c).await).unwrap();
    rows.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

both_engines! {
    async fn an_export_is_noted_with_its_reason_before_it_is_written(store: &TestStore) {
        let (riverside, hilltop) = (store.school("Riverside Primary").await, store.school("Hilltop").await);
        let grantly = store.teacher("Theophilus", "Grantly", riverside).await;
        let arabin = store.teacher("Francis", "Arabin", hilltop).await;
        let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        grantly.begins(store, Some(tom), vec![Recipient::VirtualSchool], "x").await;
        let path = format!("/v1/pupils/{tom}/history/exports");
        let answer: ExportNoted = grantly.client.post(&path, &export("  The court asked for it ")).await.json();
        assert_eq!(answer.at, store.store.now());
        let detail = serde_json::json!({ "format": "pdf", "reason": "The court asked for it", "messages": 12, "filtered": true });
        assert_eq!(noted(store).await, [detail]);
        // Without a reason, and for who may not see the pupil, nothing is noted and nothing may be written.
        assert_eq!(grantly.client.post(&path, &export(" ")).await.error().field.as_deref(), Some("reason"));
        assert_eq!(grantly.client.post(&path, &export(&"x".repeat(501))).await.status, 422);
        assert_eq!(arabin.client.post(&path, &export("Curious")).await.code(), ErrorCode::NotFound);
        let barred = store.user(Role::LaUser, "Obadiah", "Slope").await;
        store.bar(barred.id, tom).await;
        assert_eq!(barred.client.post(&path, &export("Curious")).await.code(), ErrorCode::NotFound);
        assert_eq!(noted(store).await.len(), 1);
        store.clock.advance(chrono::TimeDelta::minutes(16));
        assert_eq!(grantly.client.post(&path, &export("Again")).await.code(), ErrorCode::ConfirmPassword);
    }
}

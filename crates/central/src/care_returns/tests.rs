use chrono::NaiveDate;
use lac_domain::{PupilId, Role};
use lac_wire::{
    CareDecision, CareProposal, CareReturn, CareReturnCompared, CareTime, DecideCareProposals, ErrorCode, Page,
    PastCareReturn, PupilRecord,
};

use super::cli::CareReturnCommand;
use crate::both_engines;
use crate::test_support::{TestClient, TestPupil, TestStore};

const HEADER: &str = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\r\n\
    R1,1,04/05/2014,WBRI,,,\r\nR2,2,04/05/2014,WBRI,B801200005001,,\r\nR3,2,04/05/2013,WBRI,,,\r\nR4,1,01/01/2012,WBRI,,,\r\n";
const EPISODES: &str = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\r\n\
    R1,10/01/2025,S,C2,N1,U1,PR1,01/06/2025,X1,CARPL,,,4244474\r\n\
    R1,01/06/2025,P,C2,N1,U1,PR1,,,,,,4244474\r\n\
    R2,10/01/2025,S,C2,N1,U1,PR1,01/12/2025,E4A,,,,\r\n\
    R3,10/01/2025,S,V4,N1,U1,PR1,12/01/2025,E8,,,,\r\n\
    R4,10/01/2025,S,C2,N1,U1,PR1,,,,,,\r\n";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn asked(header: &str, episodes: &str) -> serde_json::Value {
    use base64::Engine as _;
    let text = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    serde_json::json!({ "as_at": "2026-03-31", "header": text(header), "episodes": text(episodes) })
}

async fn give(store: &TestStore, pupil: PupilId, reference: Option<&str>, upn: Option<&str>) {
    let mut conn = store.store.write_for_tests().await;
    let sql = "UPDATE pupils SET reference = $2, upn = $3 WHERE id = $1";
    crate::both!(&mut conn, c => sqlx::query(sql).bind(pupil).bind(reference).bind(upn).execute(c).await.map(|_| ()))
        .unwrap();
    conn.commit().await.unwrap();
}

async fn proposals(client: &TestClient) -> Vec<CareProposal> {
    client.get("/v1/care-proposals").await.json::<Page<CareProposal>>().rows
}

async fn past(client: &TestClient) -> Vec<PastCareReturn> {
    client.get("/v1/care-returns").await.json::<Page<PastCareReturn>>().rows
}

async fn decide(client: &TestClient, ids: Option<Vec<lac_domain::CareProposalId>>, take: bool) -> CareDecision {
    let decision = DecideCareProposals { ids, take };
    client.post("/v1/care-proposals/decisions", &decision).await.json()
}

both_engines! {
    async fn a_return_proposes_and_a_person_confirms(store: &TestStore) {
        let school = store.school("Riverside Primary").await;
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        let not_in_care = TestPupil { in_care_from: None, ..TestPupil::at("Tom Reed", school) };
        let tom = store.pupil(not_in_care).await;
        let una = store.pupil(TestPupil::at("Una Reed", school)).await;
        let vic = store.pupil(TestPupil { in_care_from: None, ..TestPupil::at("Vic Reed", school) }).await;
        give(store, tom, Some("R1"), None).await;
        give(store, una, None, Some("B801200005001")).await;
        give(store, vic, Some("R3"), None).await;
        let grace = store.user(Role::LaUser, "Grace", "Crawley").await;
        let client = &grace.client;
        let read: CareReturn = client.post("/v1/care-returns", &asked(HEADER, EPISODES)).await.json();
        assert_eq!(read.compared, CareReturnCompared { known: 3, to_open: 1, to_close: 1, ..Default::default() });
        assert_eq!(read.not_known, ["R4"]);
        assert_eq!((read.counts.short_breaks, read.counts.periods), (1, 3));
        let waiting = proposals(client).await;
        assert_eq!(
            waiting.iter().map(|one| one.sentence.as_str()).collect::<Vec<_>>(),
            [
                "A care period from 10 January 2025, not ended, would be added.",
                "The care period that started on 10 January 2025 would end on 1 December 2025.",
            ]
        );
        let held: Vec<_> = waiting.iter().map(|one| one.held.clone()).collect();
        let since = CareTime { start: day("2025-01-10"), end: None };
        assert_eq!(held, [vec![], vec![since]], "what is held stands beside it");
        let sees = async |pupil: PupilId| teacher.client.get(&format!("/v1/pupils/{pupil}")).await.status == 200;
        assert!(!sees(tom).await && sees(una).await, "nothing is changed by reading");
        store.clock.advance(chrono::TimeDelta::minutes(1));
        // Read again, the same wait, once.
        assert_eq!(client.post("/v1/care-returns", &asked(HEADER, EPISODES)).await.status, 200);
        let waiting = proposals(client).await;
        assert_eq!(waiting.len(), 2);
        assert_eq!(decide(client, Some(vec![waiting[0].id]), true).await.done, 1);
        assert!(sees(tom).await, "at once, at the school");
        assert_eq!(proposals(client).await.len(), 1);
        assert_eq!(decide(client, None, true).await.done, 1);
        assert!(!sees(una).await && !sees(vic).await);
        assert_eq!(proposals(client).await, []);
        let ended: PupilRecord = client.get(&format!("/v1/pupils/{una}/record")).await.json();
        assert_eq!(ended.care_periods[0].end, Some(day("2025-12-01")));
        store.clock.advance(chrono::TimeDelta::minutes(1));
        // What is held is as the return says now.
        let read: CareReturn = client.post("/v1/care-returns", &asked(HEADER, EPISODES)).await.json();
        assert_eq!((read.compared.same, proposals(client).await.len()), (2, 0));
        // What became of each return is kept: of the first nothing waits any more, since it was read again.
        let listed = past(client).await;
        let became: Vec<_> = listed.iter().map(|one| (one.waiting, one.done, one.let_go, one.refused)).collect();
        assert_eq!(became, [(0, 0, 0, 0), (0, 2, 0, 0), (0, 0, 0, 0)]);
        assert_eq!((listed[0].id, listed[0].as_at, listed[0].children, listed[0].episodes), (read.id, day("2026-03-31"), 4, 5));
        assert_eq!(listed[0].read_by.as_deref(), Some("Grace Crawley"));
        let first: Page<PastCareReturn> = client.get("/v1/care-returns?limit=1").await.json();
        let second: Page<PastCareReturn> =
            client.get(&format!("/v1/care-returns?limit=1&after={}", first.after.unwrap())).await.json();
        assert_eq!((first.rows[0].id, second.rows[0].id), (listed[0].id, listed[1].id));
        assert_eq!(teacher.client.get("/v1/care-returns").await.status, 403);
    }

    async fn a_later_date_stands_and_what_was_changed_meanwhile_is_refused(store: &TestStore) {
        let school = store.school("Riverside Primary").await;
        let una = store.pupil(TestPupil::at("Una Reed", school)).await;
        let tom = store.pupil(TestPupil { in_care_from: None, ..TestPupil::at("Tom Reed", school) }).await;
        give(store, una, Some("R1"), None).await;
        give(store, tom, Some("R2"), None).await;
        let client = &store.super_user.client;
        let record: PupilRecord = client.get(&format!("/v1/pupils/{una}/record")).await.json();
        // Care ended in May, after the return's day.
        let change = serde_json::json!({ "revision": null, "change": {
            "kind": "change", "id": record.care_periods[0].id, "entry": { "start": "2025-01-10", "end": "2026-05-01" },
        }});
        assert_eq!(client.post(&format!("/v1/pupils/{una}/care-periods"), &change).await.status, 200);
        let read: CareReturn = client.post("/v1/care-returns", &asked(HEADER, EPISODES)).await.json();
        assert_eq!((read.compared.later_here, read.compared.to_open), (1, 1));
        // Somebody enters a time in care by hand that the proposal would overlap.
        let change = serde_json::json!({ "revision": null, "change": {
            "kind": "add", "entry": { "start": "2025-06-01", "end": null },
        }});
        assert_eq!(client.post(&format!("/v1/pupils/{tom}/care-periods"), &change).await.status, 200);
        let done = decide(client, None, true).await;
        assert_eq!((done.done, done.refused.len(), done.refused[0].pupil_id), (0, 1, tom));
        assert!(done.refused[0].why.contains("overlap"), "{}", done.refused[0].why);
        assert_eq!(done.refused[0].known_as.reveal(), "Tom Reed");
        assert_eq!((past(client).await[0].refused, past(client).await[0].done), (1, 0));
        assert_eq!(proposals(client).await, []);
    }

    async fn nothing_leads_to_a_record_that_adoption_closed_nor_to_a_pupil_unseen(store: &TestStore) {
        let school = store.school("Riverside Primary").await;
        let closed = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let barred = store.pupil(TestPupil { in_care_from: None, ..TestPupil::at("Una Reed", school) }).await;
        give(store, closed, Some("R2"), None).await;
        give(store, barred, Some("R1"), None).await;
        let client = &store.super_user.client;
        let adoption = serde_json::json!({ "on": "2026-01-05" });
        assert_eq!(client.post(&format!("/v1/pupils/{closed}/adoption"), &adoption).await.status, 204);
        let grace = store.user(Role::LaUser, "Grace", "Crawley").await;
        store.bar(grace.id, barred).await;
        let read: CareReturn = grace.client.post("/v1/care-returns", &asked(HEADER, EPISODES)).await.json();
        assert_eq!((read.compared, read.not_known.len()), (CareReturnCompared::default(), 3));
        let read: CareReturn = client.post("/v1/care-returns", &asked(HEADER, EPISODES)).await.json();
        assert_eq!((read.compared.known, read.compared.to_open), (1, 1));
        assert_eq!(proposals(&grace.client).await, []);
        assert_eq!(decide(&grace.client, None, true).await.done, 0);
        let waiting = proposals(client).await;
        let foreign = DecideCareProposals { ids: Some(vec![waiting[0].id]), take: true };
        let refused = grace.client.post("/v1/care-proposals/decisions", &foreign).await.error();
        assert_eq!(refused.field.as_deref(), Some("ids"));
        assert_eq!(decide(client, None, false).await.done, 1);
        // A count tells nobody of a pupil whom they may not see.
        let let_go = async |client: &TestClient| past(client).await.iter().map(|one| one.let_go).sum::<u32>();
        assert_eq!((let_go(client).await, let_go(&grace.client).await), (1, 0));
    }

    async fn files_that_are_no_return_are_refused(store: &TestStore) {
        let client = &store.super_user.client;
        for (header, episodes) in [("", EPISODES), (HEADER, ""), (EPISODES, HEADER), ("a,b\r\n1,2\r\n", EPISODES)] {
            let error = client.post("/v1/care-returns", &asked(header, episodes)).await.error();
            assert_eq!(error.code, ErrorCode::FileUnreadable, "{}", error.message);
        }
        let mut early = asked(HEADER, EPISODES);
        early["as_at"] = "2099-03-31".into();
        assert_eq!(client.post("/v1/care-returns", &early).await.error().field.as_deref(), Some("as_at"));
        assert_eq!(past(client).await, []);
        let wrong = serde_json::json!({ "as_at": "2026-03-31", "header": "%", "episodes": "" });
        assert_eq!(client.post("/v1/care-returns", &wrong).await.error().field.as_deref(), Some("header"));
    }

    async fn the_command_line_prints_findings_and_what_is_proposed(store: &TestStore) {
        let folder = tempfile::tempdir().unwrap();
        let (header, episodes) = (folder.path().join("header.csv"), folder.path().join("episodes.csv"));
        std::fs::write(&header, HEADER).unwrap();
        std::fs::write(&episodes, EPISODES).unwrap();
        let school = store.school("Riverside Primary").await;
        let tom = store.pupil(TestPupil { in_care_from: None, ..TestPupil::at("Tom Reed", school) }).await;
        give(store, tom, Some("R1"), None).await;
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            command: CareReturnCommand,
        }
        let run = async |episodes: &std::path::Path| {
            let line = ["ssda903".as_ref(), header.as_os_str(), episodes.as_os_str(), "--as-at".as_ref(), "2026-03-31".as_ref()];
            let line = <Line as clap::Parser>::try_parse_from(line).unwrap();
            let mut out = Vec::new();
            let code = line.command.run(&store.store, &mut out).await.unwrap_or_else(|error| panic!("{error}"));
            (code, String::from_utf8(out).unwrap())
        };
        let (code, said) = run(&episodes).await;
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("Proposed: 1 to open, 0 to close."), "{said}");
        assert!(said.contains("Not known yet: CHILD R4."), "{said}");
        assert_eq!(proposals(&store.super_user.client).await.len(), 1);
        let (code, said) = run(&folder.path().join("gone.csv")).await;
        assert!(code == 2 && said.starts_with("Not read: "), "{said}");
    }

    async fn the_whole_return_of_the_fixtures_as_at_its_day(store: &TestStore) {
        let school = store.school("Riverside Primary").await;
        let born = day("2008-03-27");
        let known = TestPupil { born, in_care_from: None, ..TestPupil::at("Tom Reed", school) };
        let known = store.pupil(known).await;
        give(store, known, Some("566910"), None).await;
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/ssda903");
        let command = CareReturnCommand::of(&folder.join("header.csv"), &folder.join("episodes.csv"), day("2018-03-31"));
        let mut out = Vec::new();
        let code = command.run(&store.store, &mut out).await.unwrap_or_else(|error| panic!("{error}"));
        let said = String::from_utf8(out).unwrap();
        assert_eq!(code, 0);
        assert!(said.contains("Read 2675 children and 5050 episodes (803 short breaks, 0 refused): 1931 times in care, 1302 of them not ended."));
        assert!(said.contains("Known here: 1 children;") && said.contains("Proposed: 1 to open, 0 to close."));
        let waiting = proposals(&store.super_user.client).await;
        // Two episodes that follow on from each other are one time in care.
        assert_eq!((waiting.len(), waiting[0].start, waiting[0].end), (1, day("2016-02-15"), None));
        // The number of the placement's provider is no school, and nothing else of the file is kept.
        let urns = "SELECT COUNT(*) FROM establishments WHERE urn IS NOT NULL";
        let mut conn = store.store.read().await.unwrap();
        let schools: i64 = crate::both!(&mut conn, c => sqlx::query_scalar(urns).fetch_one(c).await).unwrap();
        assert_eq!(schools, 0);
    }
}

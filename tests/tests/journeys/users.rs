//! Users as an LA Super User manages them from a desktop, against a real store.

use lac_client::view::*;
use lac_domain::{Capacity, Role, UserStatus};
use lac_tests::barsetshire::{Town, invitation_in};
use lac_tests::support::wait::{LONG_ENOUGH, until};
use lac_wire::{
    ActionState, ApproveColleague, AskForColleague, AssignmentFilter, Attention, ChangeAssignments, ChangedLink,
    ColleagueFilter, ErrorCode, HandOverPupils, LookUpEmail, NewAssignment, NewLink, PageQuery, RequestState,
    SignOutUser, User, UserAct, UserFilter, WhichUsers,
};

use crate::desk::{Desk, PATIENCE};

async fn find(desk: &Desk, account: AccountId, search: &str) -> User {
    let filter = UserFilter {
        search: Some(search.to_owned()),
        ..UserFilter::default()
    };
    let page = desk.app.list_users(account, filter).await.unwrap();
    assert_eq!(page.rows.len(), 1, "{search}");
    page.rows.into_iter().next().unwrap()
}

fn assignments_of(user: &User) -> AssignmentsOfUser {
    AssignmentsOfUser {
        user_id: user.id,
        filter: AssignmentFilter::default(),
    }
}

/// One page's worth, whatever there is.
fn page_of(user: &User) -> PageOfUser {
    PageOfUser {
        id: user.id,
        page: PageQuery::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_social_worker_is_given_pupils_hands_them_over_and_leaves() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let (head, account) = Desk::sign_in(&town.store.url(), "priya.shah@example.org").await;
    let app = &head.app;
    let workers = UserFilter {
        role: Some(Role::SocialWorker),
        ..UserFilter::default()
    };
    let workers = app.list_users(account, workers).await.unwrap().rows;
    let (leaver, heir) = (&workers[0], &workers[1]);
    let free = app
        .list_assignable_pupils(account, assignments_of(leaver))
        .await
        .unwrap();
    let add = free.rows[..3].iter().map(|pupil| NewAssignment {
        user_id: leaver.id,
        pupil_id: pupil.id,
        start: None,
        end: None,
        reads_all: Some(true),
    });
    let asked = ChangeAssignments {
        add: add.collect(),
        ..ChangeAssignments::default()
    };
    assert_eq!(app.change_assignments(account, asked).await.unwrap().added, 3);
    let held = app
        .list_user_assignments(account, assignments_of(leaver))
        .await
        .unwrap()
        .rows;
    assert_eq!(held.len(), 3);
    let of_pupil = AssignmentsOfPupil {
        pupil_id: held[0].pupil.id,
        filter: AssignmentFilter::default(),
    };
    let around = app
        .list_pupil_assignments(account, of_pupil.clone())
        .await
        .unwrap()
        .rows;
    assert_eq!(around[0].user.id, leaver.id);
    let others = app.list_assignable_users(account, of_pupil).await.unwrap().rows;
    assert!(others.iter().any(|user| user.id == heir.id) && others.iter().all(|user| user.id != leaver.id));

    // They sign in, and hold their pupils; the page says why.
    let (desk, own) = Desk::take_up(&town.store.url(), &barsetshire.invitation(&leaver.email).unwrap()).await;
    assert_eq!(desk.pupils(own).await.len(), 3);
    let sight = app.user_sight(account, page_of(leaver)).await.unwrap();
    assert!(
        sight.rows.iter().all(|row| row.why.contains("is assigned to")),
        "{sight:?}"
    );

    // Who leaves leaves nobody without: somebody must decide.
    let leaver = find(&head, account, &leaver.email).await;
    let entry = lac_wire::UserEntry {
        role: leaver.role,
        first_name: leaver.first_name.clone(),
        last_name: leaver.last_name.clone(),
        job_title: leaver.job_title.clone(),
        email: leaver.email.clone(),
        phone: leaver.phone.clone(),
        links: Vec::new(),
    };
    let edit = EditUserRequest {
        id: leaver.id,
        edit: lac_wire::EditUser {
            revision: leaver.revision,
            entry,
            status: UserStatus::Inactive,
            pupils: None,
        },
    };
    let undecided = app.edit_user(account, edit.clone()).await.unwrap_err();
    assert_eq!(undecided.code, ProblemCode::Store(ErrorCode::PupilsUndecided));
    let hand_over = HandOverRequest {
        user_id: leaver.id,
        hand_over: HandOverPupils {
            to: heir.id,
            from: None,
            reads_all: None,
        },
    };
    assert_eq!(app.hand_over_pupils(account, hand_over).await.unwrap().pupils, 3);
    let empty = desk.host.until(async |_| desk.pupils(own).await.is_empty());
    tokio::time::timeout(PATIENCE, empty)
        .await
        .expect("their device lets go of the pupils");
    let gone = app.edit_user(account, edit).await.unwrap();
    assert_eq!(gone.status, UserStatus::Inactive);
    assert_eq!(
        app.list_user_devices(account, UserRef { id: gone.id }).await.unwrap(),
        []
    );
    let trail = app.list_user_trail(account, page_of(&gone)).await.unwrap().rows;
    let said: Vec<&str> = trail.iter().map(|row| row.what.as_str()).collect();
    for what in [
        "Handed the pupils over",
        "Changed the user: status",
        "Signed out of a device",
    ] {
        assert!(said.contains(&what), "{what} is not in {said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_users_are_linked_at_once_and_each_failure_is_named() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let (head, account) = Desk::sign_in(&town.store.url(), "priya.shah@example.org").await;
    let app = &head.app;
    let school = barsetshire.establishments["990104"];
    let act = ActOnUsersRequest {
        which: WhichUsers::Matching {
            filter: UserFilter::default(),
            except: Vec::new(),
        },
        act: UserAct::Link {
            establishment_id: school,
            capacity: Capacity::Cover,
            start: None,
            end: None,
        },
    };
    let begun = app.act_on_users(account, act).await.unwrap();
    let everyone = app.count_users(account, UserFilter::default()).await.unwrap();
    assert_eq!(begun.total, everyone.total);
    // The store goes on by itself; a page would look now and then.
    let action = UserActionRef { id: begun.id };
    let over = tokio::time::timeout(PATIENCE, async {
        loop {
            let now = app.get_user_action(account, action.clone()).await.unwrap();
            if now.state != ActionState::Running {
                return now;
            }
        }
    });
    let over = over.await.expect("it comes to an end");
    assert_eq!((over.state, over.done + over.failed), (ActionState::Done, over.total));
    let failures = FailuresOfAction {
        id: begun.id,
        page: PageQuery {
            after: None,
            limit: Some(200),
        },
    };
    let failures = app.list_action_failures(account, failures).await.unwrap().rows;
    assert_eq!(u32::try_from(failures.len()).unwrap(), over.failed);
    let priya = failures.iter().find(|one| one.name == "Priya Shah").unwrap();
    assert!(priya.why.contains("is not linked to establishments"), "{}", priya.why);
    let cancelled = app.cancel_user_action(account, action).await.unwrap();
    assert_eq!(cancelled.state, ActionState::Done, "what is over is over");
    let linked = UserFilter {
        establishment_id: Some(school),
        ..UserFilter::default()
    };
    assert!(app.count_users(account, linked).await.unwrap().total >= over.done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_asks_for_a_colleague_who_comes_to_see_the_same_pupils() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let (head, account) = Desk::sign_in(&town.store.url(), "priya.shah@example.org").await;
    let code = barsetshire.invitation("moira.kelly@example.org").unwrap();
    let (moira, own) = Desk::take_up(&town.store.url(), &code).await;
    let ask = AskForColleague {
        establishment_id: barsetshire.establishments["990108"],
        first_name: "Letty".to_owned(),
        last_name: "Quiverful".to_owned(),
        email: "letty.quiverful@example.org".to_owned(),
        job_title: "SENCO".to_owned(),
    };
    let asked = moira.app.ask_for_colleague(own, ask).await.unwrap();
    assert_eq!(head.app.count_colleague_requests(account, ()).await.unwrap().waiting, 1);
    let approve = ApproveColleagueRequest {
        id: asked.id,
        approve: ApproveColleague {
            capacity: Capacity::Deputy,
            start: None,
            end: None,
        },
    };
    let done = head.app.approve_colleague(account, approve).await.unwrap();
    assert_eq!(done.state, RequestState::Approved);
    let refuse = RefuseColleagueRequest {
        id: asked.id,
        refuse: lac_wire::RefuseColleague {
            reason: "Too late.".to_owned(),
        },
    };
    let late = head.app.refuse_colleague(account, refuse).await.unwrap_err();
    assert_eq!(late.code, ProblemCode::Store(ErrorCode::DecidedAlready));
    let told = moira
        .app
        .list_colleague_requests(own, ColleagueFilter::default())
        .await
        .unwrap();
    assert_eq!(told.rows[0].state, RequestState::Approved);

    let mails = barsetshire.mails.clone();
    // The mail is the store's doing: no desktop is told of it.
    until("the invitation", LONG_ENOUGH, async || {
        Ok(invitation_in(&mails, "letty.quiverful@example.org").ok())
    })
    .await
    .unwrap();
    let (letty, hers) = Desk::take_up(
        &town.store.url(),
        &barsetshire.invitation("letty.quiverful@example.org").unwrap(),
    )
    .await;
    let at_school: Vec<String> = letty.pupils(hers).await;
    assert!(!at_school.is_empty());
    let all = moira.pupils(own).await;
    assert!(at_school.iter().all(|pupil| all.contains(pupil)));

    // The link ends, is made anew, and is taken away; her device follows.
    let user = find(&head, account, "quiverful").await;
    assert_eq!(user.pupils_seen, u32::try_from(at_school.len()).ok());
    let offered = LookUpEmail {
        email: "letty.q".to_owned(),
    };
    assert_eq!(head.app.look_up_email(account, offered).await.unwrap()[0].id, user.id);
    let link = &user.links[0];
    let change = ChangeLinkRequest {
        id: link.id,
        link: ChangedLink {
            capacity: Capacity::Cover,
            start: link.start,
            end: None,
        },
    };
    let changed = head.app.change_link(account, change).await.unwrap();
    assert_eq!(changed.links[0].capacity, Capacity::Cover);
    let removed = head.app.remove_link(account, LinkRef { id: link.id }).await.unwrap();
    assert_eq!(removed.needs, [Attention::NotLinked]);
    let empty = letty.host.until(async |_| letty.pupils(hers).await.is_empty());
    tokio::time::timeout(PATIENCE, empty)
        .await
        .expect("her device lets go of the pupils");
    let again = NewLink {
        user_id: user.id,
        establishment_id: link.establishment_id,
        capacity: Capacity::DesignatedTeacher,
        start: None,
        end: None,
    };
    assert_eq!(head.app.add_link(account, again).await.unwrap().needs, []);
    let sign_out = SignOutUserRequest {
        id: user.id,
        sign_out: SignOutUser { session_id: None },
    };
    assert_eq!(head.app.sign_out_user(account, sign_out).await.unwrap(), []);
    letty
        .until(hers, "being signed out", |held| held.problem.is_some())
        .await;
}

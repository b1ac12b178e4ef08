//! What the UI asks about users, links and assignments.

use lac_domain::{ColleagueRequestId, LinkId, PupilId, UserActionId, UserId};
use lac_wire::{
    ApproveColleague, AssignmentFilter, ChangedLink, HandOverPupils, PageQuery, RefuseColleague, SignOutUser, UserAct,
    WhichUsers,
};

view_types! {
    /// A page of something of a user.
    pub struct PageOfUser {
        /// Which user.
        pub id: UserId,
        /// Which page.
        pub page: PageQuery,
    }

    /// Assignments of a user, or pupils who might be assigned to them.
    pub struct AssignmentsOfUser {
        /// Which user.
        pub user_id: UserId,
        /// Which of them.
        pub filter: AssignmentFilter,
    }

    /// Assignments of a pupil, or users who might be assigned to them.
    pub struct AssignmentsOfPupil {
        /// Which pupil.
        pub pupil_id: PupilId,
        /// Which of them.
        pub filter: AssignmentFilter,
    }

    /// Hands the pupils of a user over.
    pub struct HandOverRequest {
        /// Whose pupils.
        pub user_id: UserId,
        /// To whom, and from when.
        pub hand_over: HandOverPupils,
    }

    /// A link, by id.
    pub struct LinkRef {
        /// Which link.
        pub id: LinkId,
    }

    /// A link with another capacity or other dates.
    pub struct ChangeLinkRequest {
        /// Which link.
        pub id: LinkId,
        /// As it shall be.
        pub link: ChangedLink,
    }

    /// Signs a user out of one device, or of all.
    pub struct SignOutUserRequest {
        /// Which user.
        pub id: UserId,
        /// Of which device.
        pub sign_out: SignOutUser,
    }

    /// Something to be done to many users.
    pub struct ActOnUsersRequest {
        /// To whom.
        pub which: WhichUsers,
        /// What.
        pub act: UserAct,
    }

    /// Something done to many users, by id.
    pub struct UserActionRef {
        /// Which.
        pub id: UserActionId,
    }

    /// A page of the users with whom it went wrong.
    pub struct FailuresOfAction {
        /// Of which action.
        pub id: UserActionId,
        /// Which page.
        pub page: PageQuery,
    }

    /// Approves a request for a colleague.
    pub struct ApproveColleagueRequest {
        /// Which request.
        pub id: ColleagueRequestId,
        /// How.
        pub approve: ApproveColleague,
    }

    /// Refuses a request for a colleague.
    pub struct RefuseColleagueRequest {
        /// Which request.
        pub id: ColleagueRequestId,
        /// Why.
        pub refuse: RefuseColleague,
    }
}

//! The words every other room speaks: ids, time, reasons, roles and limits.
//!
//! Nothing here does anything. A word lives here when more than one room needs it and none of them owns it.

mod id;
mod limits;
mod personal;
mod reasons;
mod roles;
mod time;

pub use id::{
    AbsenceId, AdmissionId, AppointmentId, AuditEventId, ConnectionId, CrisisStepId, GroupId, IdError,
    InvitationId, LinkId, MessageId, OrganizationId, OurAgreementId, ParticipantId, PasskeyId, PersonId,
    PractitionerRoleId, ReadinessId, RequestId, ResponseId, SessionId, SignInId, StaffLinkId, TaskId,
    TelephoneId,
};
pub use limits::*;
pub use personal::Personal;
pub use reasons::{EndReason, GoneReason, LeaveReason, RefuseReason, WaitReason};
pub use roles::{Assurance, Capabilities, Role, TrackKind};
pub use time::Timestamp;

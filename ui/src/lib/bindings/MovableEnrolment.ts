import type { EnrolmentId } from "./EnrolmentId";
import type { EnrolmentKind } from "./EnrolmentKind";
import type { Private } from "./Private";
import type { PupilId } from "./PupilId";

export type MovableEnrolment = { id: EnrolmentId, pupil_id: PupilId, known_as: Private, kind: EnrolmentKind, start: string, };

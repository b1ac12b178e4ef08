import type { MovableEnrolment } from "./MovableEnrolment";
import type { MovableLink } from "./MovableLink";

export type Movable = { links: Array<MovableLink>, enrolments: Array<MovableEnrolment>, };

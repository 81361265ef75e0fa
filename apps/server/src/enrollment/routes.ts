/** What hosts and operators ask of the enrolment's slice over HTTP. No rule stands here. */
import { enrollmentEndpoints } from '@coreward/contracts'
import { agentRoute, enrollmentRoute, openRoute, operatorRoute, type Route } from '../http/route.ts'
import type { Enrollments } from './enrollment.ts'

export const enrollmentRoutes = (enrollment: Enrollments): readonly Route[] => [
  openRoute(enrollmentEndpoints.authority, () => enrollment.authority()),
  enrollmentRoute(enrollmentEndpoints.enroll, ({ body }) => enrollment.enroll(body)),
  agentRoute(enrollmentEndpoints.renewCertificate, ({ agentId, body }) =>
    enrollment.renew(agentId, body.request),
  ),
  operatorRoute(enrollmentEndpoints.listEnrollmentTokens, () => enrollment.listTokens()),
  operatorRoute(enrollmentEndpoints.createEnrollmentToken, ({ body, operator }) =>
    enrollment.createToken(body, operator.username),
  ),
  operatorRoute(enrollmentEndpoints.withdrawEnrollmentToken, async ({ params }) => {
    await enrollment.withdrawToken(params.tokenId)
    return undefined
  }),
]

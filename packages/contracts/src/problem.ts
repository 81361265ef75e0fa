/**
 * What a request is answered with when it fails: RFC 9457 problem details with a code of ours.
 * Clients switch on `code`, never on `title` or `detail`, which are for people.
 */
import { z } from 'zod'

/** Every code with the HTTP status it travels with and its short title. */
export const problems = {
  'request.malformed': [400, 'The request is not in the form this endpoint takes'],
  'request.too-large': [413, 'The request is larger than this endpoint takes'],
  'credential.missing': [401, 'A credential is needed'],
  'credential.wrong': [401, 'The user name or password is wrong'],
  'credential.too-many-attempts': [429, 'Too many attempts to sign in'],
  'certificate.unknown': [401, 'The client certificate is not one this server issued'],
  'certificate.revoked': [403, 'The agent was revoked'],
  'request.cross-site': [403, 'The request came from another site'],
  'enrollment.token-unknown': [401, 'The enrolment token is not known'],
  'enrollment.token-used': [403, 'The enrolment token was used already'],
  'enrollment.token-expired': [403, 'The enrolment token has expired'],
  'enrollment.request-invalid': [400, 'The certificate request is not valid'],
  'setup.done': [409, 'The first administrator exists already'],
  'setup.token-wrong': [403, 'The set-up link is not valid'],
  'agent.unknown': [404, 'There is no such agent'],
  'scan.unknown': [404, 'There is no such scan'],
  'scan.over': [409, 'The scan is over already'],
  'command.unknown': [404, 'There is no such command'],
  'detection.unknown': [404, 'There is no such detection'],
  'detection.state': [409, 'The detection is not in a state that allows this'],
  'policy.conflict': [412, 'The policy was changed by somebody else meanwhile'],
  'definitions.unknown': [404, 'There is no such definitions file'],
  'storage.full': [507, 'The server cannot store this: its disk is full'],
  'route.unknown': [404, 'There is nothing at this address'],
  'server.failed': [500, 'The server failed'],
} as const satisfies Record<string, readonly [number, string]>

/** The code of a problem: stable, to be switched on. */
export const ProblemCode = z
  .enum(Object.keys(problems) as [keyof typeof problems, ...(keyof typeof problems)[]])
  .meta({ id: 'ProblemCode' })
export type ProblemCode = z.infer<typeof ProblemCode>

/** RFC 9457 section 3. `type` is a URI made of the code; `detail` names the subject and the remedy. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: ProblemCode,
    detail: z.string().optional(),
    instance: z.string().optional(),
    /** For request.malformed: which members were wrong and how. */
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof Problem>

/** The media type of a problem (RFC 9457 section 6.1). */
export const problemMediaType = 'application/problem+json'

/** Builds the problem for a code; `detail` should name the subject and what to do. */
export function problem(code: ProblemCode, detail?: string, errors?: Problem['errors']): Problem {
  const [status, title] = problems[code]
  return {
    type: `urn:coreward:problem:${code}`,
    title,
    status,
    code,
    ...(detail === undefined ? {} : { detail }),
    ...(errors === undefined ? {} : { errors }),
  }
}

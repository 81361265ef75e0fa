/** OpenAPI 3.1 out of the endpoints: nothing is written by hand that the contracts say already. */
import {
  type Credential,
  type Endpoint,
  endpoints,
  Problem,
  problemMediaType,
  problems,
  sessionCookie,
} from '@coreward/contracts'
import type { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'

/** Problems that any endpoint of a credential may answer with, beside its own. */
const credentialProblems: Readonly<Record<Credential, readonly (keyof typeof problems)[]>> = {
  agent: ['credential.missing', 'certificate.unknown', 'certificate.revoked'],
  operator: ['credential.missing'],
  'enrollment-token': [],
  none: [],
}

const security: Readonly<Record<Credential, Record<string, string[]>[]>> = {
  agent: [{ clientCertificate: [] }],
  operator: [{ session: [] }],
  'enrollment-token': [],
  none: [],
}

/** The document that is served at /api/openapi.json. */
export function openApiDocument(version: string): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {}
  for (const [name, endpoint] of Object.entries(endpoints) as [string, Endpoint][]) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{path}')
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(name, endpoint) }
  }
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Coreward', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      securitySchemes: {
        clientCertificate: { type: 'mutualTLS' },
        session: { type: 'apiKey', in: 'cookie', name: sessionCookie },
      },
    },
  })
}

function operation(name: string, endpoint: Endpoint): ZodOpenApiOperationObject {
  return {
    operationId: name,
    summary: endpoint.summary,
    tags: [endpoint.tag],
    security: security[endpoint.credential],
    requestParams: {
      ...(endpoint.params === undefined ? {} : { path: endpoint.params as z.ZodObject }),
      ...(endpoint.query === undefined ? {} : { query: endpoint.query as z.ZodObject }),
    },
    ...(endpoint.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: endpoint.body } } } }),
    responses: { ...success(endpoint), ...failures(endpoint) },
  }
}

function success(endpoint: Endpoint): ZodOpenApiOperationObject['responses'] {
  if (endpoint.form === 'file')
    return { 200: { description: 'The file', content: { 'application/octet-stream': {} } } }
  if (endpoint.response === undefined) return { 204: { description: 'Done' } }
  const mediaType = endpoint.form === 'events' ? 'text/event-stream' : 'application/json'
  return { 200: { description: endpoint.summary, content: { [mediaType]: { schema: endpoint.response } } } }
}

function failures(endpoint: Endpoint): ZodOpenApiOperationObject['responses'] {
  const takesInput = endpoint.params ?? endpoint.query ?? endpoint.body
  const codes = [
    ...(takesInput === undefined ? [] : (['request.malformed'] as const)),
    ...(endpoint.body === undefined ? [] : (['request.too-large'] as const)),
    ...credentialProblems[endpoint.credential],
    ...endpoint.problems,
    'server.failed' as const,
  ]
  const byStatus = Map.groupBy(new Set(codes), (code) => problems[code][0])
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      String(status),
      { description: group.join(', '), content: { [problemMediaType]: { schema: Problem } } },
    ]),
  )
}

/** The published definitions: which set is current, what is in each, what was refused, and how many hosts use it. */
import {
  type DefinitionsSet,
  endpoints,
  type SourceSet,
  type UnsupportedSignatures,
} from '@coreward/contracts'
import { Accordion, Anchor, Group, List, Stack, Text } from '@mantine/core'
import { IconFingerprint } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { queryOf } from '../api/query.ts'
import { useFormat } from '../format/use-format.ts'
import { AnswerOf } from '../ui/answer.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { Facts } from '../ui/facts.tsx'
import { Figure } from '../ui/figure.tsx'
import { Mark } from '../ui/mark.tsx'
import { Moment } from '../ui/moment.tsx'
import { Nothing } from '../ui/nothing.tsx'
import { Page } from '../ui/page.tsx'
import { Panel } from '../ui/panel.tsx'

export function DefinitionsPage() {
  const { t } = useTranslation()
  const query = useQuery(queryOf(endpoints.listDefinitions, {}))
  return (
    <Page title={t('shell.page.definitions')}>
      <AnswerOf query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing
              icon={<IconFingerprint aria-hidden />}
              title={t('definitions.none.title')}
              text={t('definitions.none.text')}
            />
          ) : (
            items.map((set) => <SetPanel key={set.version} set={set} />)
          )
        }
      </AnswerOf>
    </Page>
  )
}

function SetPanel({ set }: { set: DefinitionsSet }) {
  const { t } = useTranslation()
  const format = useFormat()
  const total = Object.values(set.counts).reduce((sum, count) => sum + count, 0)
  const unsupported = set.unsupported.reduce((sum, { count }) => sum + count, 0)
  return (
    <Panel
      title={t('definitions.set', { version: set.version })}
      beside={set.current && <Mark tone="healthy">{t('definitions.current')}</Mark>}
    >
      <Stack gap="md">
        <Group gap="xl" align="flex-start">
          <Figure name={t('definitions.signatures')} value={format.count(total)} />
          {Object.entries(set.counts).map(([kind, count]) => (
            <Figure
              key={kind}
              name={t('definitions.ofFormat', { format: kind })}
              value={format.count(count)}
            />
          ))}
          <Figure
            name={t('definitions.refused')}
            value={format.count(set.refusedCount)}
            tone={set.refusedCount > 0 ? 'warning' : undefined}
          />
          {unsupported > 0 && (
            <Figure name={t('definitions.unsupported')} value={format.count(unsupported)} tone="warning" />
          )}
          {set.skipped > 0 && <Figure name={t('definitions.skipped')} value={format.count(set.skipped)} />}
          {set.ignored > 0 && <Figure name={t('definitions.ignored')} value={format.count(set.ignored)} />}
          <Figure name={t('definitions.hosts')} value={format.count(set.agentsUsing)} />
          <Figure name={t('definitions.size')} value={format.bytes(set.bytes)} />
        </Group>
        <Facts
          rows={[
            [t('definitions.published'), <Moment key="published" at={set.publishedAt} exact />],
            [t('definitions.source'), set.source],
            [
              t('definitions.sha256'),
              <Copyable key="sha256" text={set.sha256} label={t('definitions.sha256')} />,
            ],
          ]}
        />
        {set.current && (
          <Anchor component={Link} to="/hosts?outdated=definitions" size="sm">
            {t('definitions.behind')}
          </Anchor>
        )}
        {set.sets.length > 0 && <SourceSets sets={set.sets} />}
        {set.unsupported.length > 0 && <Unsupported formats={set.unsupported} />}
        {set.refused.length > 0 && <Refused set={set} />}
      </Stack>
    </Panel>
  )
}

/** ClamAV's own sets among the sources: nobody may take one for ClamAV's that nobody signed. */
function SourceSets({ sets }: { sets: readonly SourceSet[] }) {
  const { t } = useTranslation()
  const tones = { verified: 'healthy', unverified: 'warning', refused: 'critical' } as const
  return (
    <Stack gap="xs">
      {sets.map(({ file, outcome, reason, version }) => (
        <Group key={file} gap="sm">
          <Mark tone={tones[outcome]}>{t(`definitions.outcome.${outcome}`)}</Mark>
          <Text size="sm">
            {version === null ? file : t('definitions.sourceSet', { file, version })}{' '}
            {reason !== null && <span lang="en">{reason}</span>}
          </Text>
        </Group>
      ))}
    </Stack>
  )
}

function Unsupported({ formats }: { formats: readonly UnsupportedSignatures[] }) {
  const { t } = useTranslation()
  const format = useFormat()
  return (
    <List size="sm">
      {formats.map(({ format: name, count, reason, names }) => (
        <List.Item key={name}>
          {t('definitions.unsupportedFormat', { format: name, number: format.count(count) })}{' '}
          <span lang="en">
            {reason}
            {names.length > 0 && `: ${names.join(', ')}${count > names.length ? ', …' : ''}`}
          </span>
        </List.Item>
      ))}
    </List>
  )
}

function Refused({ set }: { set: DefinitionsSet }) {
  const { t } = useTranslation()
  return (
    <Accordion variant="contained">
      <Accordion.Item value="refused">
        <Accordion.Control>
          <Text size="sm">{t('definitions.refusedLines', { count: set.refusedCount })}</Text>
        </Accordion.Control>
        <Accordion.Panel>
          <List size="sm">
            {set.refused.map(({ file, line, reason }) => (
              <List.Item key={`${file}:${line}`}>
                {t('definitions.refusedLine', { file, line })} <span lang="en">{reason}</span>
              </List.Item>
            ))}
          </List>
          {set.refusedCount > set.refused.length && (
            <List size="sm" mt="md">
              {set.refusedKinds.map(({ reason, count }) => (
                <List.Item key={reason}>
                  {t('definitions.refusedKind', { count })} <span lang="en">{reason}</span>
                </List.Item>
              ))}
            </List>
          )}
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  )
}

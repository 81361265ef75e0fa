/**
 * The policy as a form. It starts from a deployed version and remembers it as its base; when somebody deploys another
 * meanwhile, it says so and carries the changes over on request, rather than losing either side's.
 */
import type { Policy, PolicySettings } from '@coreward/contracts'
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconUsers } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Panel } from '../ui/panel.tsx'
import { DeployReview } from './deploy-review.tsx'
import { ExclusionsTable } from './exclusions-table.tsx'
import { carryOver, differencesBetween, valueAt } from './policy-difference.ts'
import classes from './policy-editor.module.css'
import { usePolicyForm } from './policy-form.ts'
import { SettingField } from './setting-field.tsx'
import { sections } from './settings.ts'
import { sectionKey } from './use-value-text.ts'

export function PolicyEditor({ latest }: { latest: Policy }) {
  const { t } = useTranslation()
  const [base, setBase] = useState(latest)
  const [reviewing, { open, close }] = useDisclosure(false)
  const form = usePolicyForm(base.settings)
  const startFrom = (policy: Policy, settings: PolicySettings) => {
    setBase(policy)
    form.setValues(settings)
    form.clearErrors()
  }
  const differences = differencesBetween(base.settings, form.values)
  const overtaken = latest.version > base.version
  if (overtaken && differences.length === 0) startFrom(latest, latest.settings)
  return (
    <>
      {overtaken && differences.length > 0 && (
        <Alert
          variant="outline"
          color="yellow"
          icon={<IconUsers aria-hidden />}
          title={t('policies.conflict.what', { version: latest.version, name: latest.deployedBy })}
          role="alert"
        >
          <Text size="sm">{t('policies.conflict.why')}</Text>
          <Group mt="sm" gap="sm">
            <Button onClick={() => startFrom(latest, carryOver(base.settings, form.values, latest.settings))}>
              {t('policies.conflict.carryOver')}
            </Button>
            <Button variant="default" onClick={() => startFrom(latest, latest.settings)}>
              {t('policies.conflict.discard')}
            </Button>
          </Group>
        </Alert>
      )}
      {sections.map((section) => (
        <Panel key={section.name} title={t(`policies.section.${sectionKey(section.name)}`)}>
          <Text size="sm" c="dimmed" mb="sm">
            {t(`policies.about.${sectionKey(section.name)}`)}
          </Text>
          {section.name === 'exclusions' ? (
            <ExclusionsTable form={form} />
          ) : (
            <div className={classes.fields}>
              {section.settings.map((setting) => (
                <SettingField
                  key={setting.path}
                  setting={setting}
                  form={form}
                  deployed={valueAt(base.settings, setting.path)}
                />
              ))}
            </div>
          )}
        </Panel>
      ))}
      <Stack className={classes.bar} data-changed={differences.length > 0 || undefined}>
        <Group justify="space-between">
          <Text size="sm" role="status">
            {differences.length === 0
              ? t('policies.unchanged')
              : t('policies.changes', { count: differences.length })}
          </Text>
          <Group gap="sm">
            <Button
              variant="default"
              disabled={differences.length === 0}
              onClick={() => startFrom(base, base.settings)}
            >
              {t('policies.discard')}
            </Button>
            <Button
              disabled={differences.length === 0 || overtaken}
              onClick={() => {
                if (!form.validate().hasErrors) open()
              }}
            >
              {t('policies.review.open')}
            </Button>
          </Group>
        </Group>
      </Stack>
      <DeployReview
        base={base}
        settings={form.values}
        differences={differences}
        opened={reviewing}
        onClose={close}
        onDeployed={(policy) => startFrom(policy, policy.settings)}
      />
    </>
  )
}

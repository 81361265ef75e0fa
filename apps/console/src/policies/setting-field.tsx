/** The field for one setting, by its kind. A changed one says so and what it was. */

import {
  Checkbox,
  Chip,
  Group,
  Input,
  NumberInput,
  SegmentedControl,
  TagsInput,
  TextInput,
} from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { valueAt } from './policy-difference.ts'
import type { PolicyForm } from './policy-form.ts'
import type { Setting } from './settings.ts'
import { type SettingName, useValueText } from './use-value-text.ts'

interface SettingFieldProps {
  setting: Setting
  form: PolicyForm
  /** The deployed value. */
  deployed: unknown
}

const MiB = 1024 * 1024

export function SettingField({ setting, form, deployed }: SettingFieldProps) {
  const { t, i18n } = useTranslation()
  const text = useValueText()
  const value = valueAt(form.values, setting.path)
  const error = form.errors[setting.path]
  const hintKey = `policies.setting.${setting.name as SettingName}.hint` as 'policies.setting.time.hint'
  const was =
    JSON.stringify(value) === JSON.stringify(deployed)
      ? undefined
      : t('policies.was', { value: text.value(setting, deployed) })
  const hint = i18n.exists(hintKey) ? t(hintKey) : undefined
  const description = [was, hint].filter(Boolean).join(' · ') || undefined
  const label = text.title(setting)
  const set = (next: unknown) => form.setFieldValue(setting.path, next as never)
  const data = { 'data-changed': was !== undefined || undefined }
  switch (setting.kind) {
    case 'toggle':
      return (
        <Checkbox
          size="xs"
          label={label}
          description={description}
          checked={value === true}
          onChange={(event) => set(event.currentTarget.checked)}
          {...data}
        />
      )
    case 'time':
      return (
        <TextInput
          type="time"
          w={160}
          label={label}
          description={description}
          value={String(value)}
          error={error}
          onChange={(event) => set(event.currentTarget.value)}
          {...data}
        />
      )
    case 'number': {
      const scale = setting.unit === 'bytes' ? MiB : 1
      return (
        <NumberInput
          w={280}
          label={label}
          description={description}
          value={Number.isNaN(value) ? '' : Number(value) / scale}
          min={Math.ceil(setting.min / scale)}
          max={Math.floor(setting.max / scale)}
          allowDecimal={false}
          thousandSeparator=","
          suffix={setting.unit === undefined ? '' : ` ${t(`policies.unit.${setting.unit}`)}`}
          error={error}
          onChange={(next) => set(next === '' ? Number.NaN : Number(next) * scale)}
          {...data}
        />
      )
    }
    case 'choice':
      return (
        <Input.Wrapper label={label} description={description} labelElement="div" {...data}>
          <SegmentedControl
            size="xs"
            display="flex"
            w="fit-content"
            mt={4}
            aria-label={label}
            value={String(value)}
            data={setting.options.map((option) => ({
              value: option,
              label: t(`policies.action.${option as 'report'}`),
            }))}
            onChange={set}
          />
        </Input.Wrapper>
      )
    case 'choices':
      return (
        <Input.Wrapper label={label} description={description} labelElement="div" {...data}>
          <Chip.Group
            multiple
            value={value as string[]}
            onChange={(days) => set(inOrder(days, setting.options))}
          >
            <Group gap={6} mt={4} role="group" aria-label={label}>
              {setting.options.map((option) => (
                <Chip key={option} value={option} size="xs" variant="outline">
                  {t(`policies.day.${option as 'mon'}`)}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
        </Input.Wrapper>
      )
    case 'texts':
      return (
        <TagsInput
          label={label}
          description={description}
          value={value as string[]}
          error={error}
          onChange={set}
          {...data}
        />
      )
    case 'exclusions':
      return null
  }
}

function inOrder(chosen: readonly string[], options: readonly string[]): string[] {
  return options.filter((option) => chosen.includes(option))
}

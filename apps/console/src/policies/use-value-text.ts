/** A setting's name and values in words: for differences, and for the old value beside a changed field. */
import type { Severity } from '@coreward/contracts'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../format/use-format.ts'
import type en from '../locales/en.json'
import type { Setting } from './settings.ts'

/** The names that the catalogues have words for. */
export type SettingName = keyof typeof en.policies.setting
type SectionName = keyof typeof en.policies.section

/** The last part of a section's name, under which the catalogues know it. */
export function sectionKey(section: string): SectionName {
  return section.slice(section.lastIndexOf('.') + 1) as SectionName
}

export function useValueText() {
  const { t } = useTranslation()
  const format = useFormat()
  const title = (setting: Setting): string =>
    setting.path.startsWith('actions.')
      ? t(`detections.severity.${setting.name as Severity}`)
      : t(`policies.setting.${setting.name as SettingName}.title`)
  return {
    title,
    /** With the section before it, where the setting stands alone. */
    fullTitle: (setting: Setting): string => {
      const section = setting.path.slice(0, Math.max(0, setting.path.lastIndexOf('.')))
      return section === ''
        ? title(setting)
        : `${t(`policies.section.${sectionKey(section)}`)}: ${title(setting)}`
    },
    value: (setting: Setting, value: unknown): string => {
      switch (setting.kind) {
        case 'toggle':
          return value === true ? t('policies.on') : t('policies.off')
        case 'time':
          return String(value)
        case 'choice':
          return t(`policies.action.${value as 'report'}`)
        case 'choices': {
          const days = value as 'mon'[]
          return days.length === 0
            ? t('policies.everyDay')
            : format.list(days.map((day) => t(`policies.day.${day}`)))
        }
        case 'number':
          if (setting.unit === 'bytes') return format.bytes(Number(value))
          if (setting.unit === 'seconds') return format.duration(Number(value))
          if (setting.unit === 'minutes') return format.duration(Number(value) * 60)
          return format.count(Number(value))
        case 'texts':
          return (value as unknown[]).length === 0 ? t('policies.none') : format.list(value as string[])
        case 'exclusions':
          return t('policies.exclusion.count', { count: (value as unknown[]).length })
      }
    },
  }
}

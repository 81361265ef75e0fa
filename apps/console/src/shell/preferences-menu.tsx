/** Language and colours: the two things a reader chooses for this browser. Usable before signing in. */
import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core'
import {
  IconCheck,
  IconDeviceDesktop,
  IconLanguage,
  IconMoon,
  IconSun,
  IconSunMoon,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { type Language, languages, setLanguage } from './language.ts'

const schemes = { light: IconSun, dark: IconMoon, auto: IconDeviceDesktop } as const

export function PreferencesMenu() {
  const { t, i18n } = useTranslation()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <>
      <Menu position="top-start" shadow="md">
        <Menu.Target>
          <ActionIcon aria-label={t('shell.language')} title={t('shell.language')}>
            <IconLanguage size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {(Object.keys(languages) as Language[]).map((language) => (
            <Menu.Item
              key={language}
              lang={language}
              onClick={() => setLanguage(language)}
              rightSection={i18n.language === language && <IconCheck size={14} aria-label={t('ui.chosen')} />}
            >
              {languages[language]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Menu position="top-start" shadow="md">
        <Menu.Target>
          <ActionIcon aria-label={t('shell.colors.label')} title={t('shell.colors.label')}>
            <IconSunMoon size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {(Object.keys(schemes) as (keyof typeof schemes)[]).map((scheme) => {
            const Icon = schemes[scheme]
            return (
              <Menu.Item
                key={scheme}
                leftSection={<Icon size={14} aria-hidden />}
                onClick={() => setColorScheme(scheme)}
                rightSection={colorScheme === scheme && <IconCheck size={14} aria-label={t('ui.chosen')} />}
              >
                {t(`shell.colors.${scheme}`)}
              </Menu.Item>
            )
          })}
        </Menu.Dropdown>
      </Menu>
    </>
  )
}

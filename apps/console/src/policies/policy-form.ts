/** The form over the whole policy: it starts from deployed settings and is valid exactly when the contract says so. */
import { PolicySettings } from '@coreward/contracts'
import { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'

export type PolicyForm = ReturnType<typeof usePolicyForm>

export function usePolicyForm(initialValues: PolicySettings) {
  const { t } = useTranslation()
  return useForm<PolicySettings>({
    initialValues,
    validateInputOnBlur: true,
    validate: (values) => {
      const issues = PolicySettings.safeParse(values).error?.issues ?? []
      return Object.fromEntries(
        issues.map((issue) => [
          issue.path.join('.'),
          issue.code === 'too_small' && issue.origin === 'string'
            ? t('policies.invalid.empty')
            : t('policies.invalid.range'),
        ]),
      )
    },
  })
}

/** Sign-in. Where no administrator exists yet it says how to make the first one. */
import { endpoints } from '@coreward/contracts'
import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconInfoCircle } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useNavigate, useSearchParams } from 'react-router'
import { call } from '../api/call.ts'
import { queryOf } from '../api/query.ts'
import { sessionQuery } from '../api/query-client.ts'
import { Failure } from '../ui/failure.tsx'
import { Door } from './door.tsx'
import { nextAddress } from './next-address.ts'

export function SignInPage() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const client = useQueryClient()
  const [parameters] = useSearchParams()
  const next = parameters.get('next')
  const setup = useQuery(queryOf(endpoints.readSetup, {}))
  const form = useForm({ initialValues: { username: '', password: '' } })
  const signIn = useMutation({
    mutationFn: (body: typeof form.values) => call(endpoints.signIn, { body }),
    onSuccess: (session) => {
      client.clear()
      client.setQueryData(sessionQuery.queryKey, session)
      void navigate(nextAddress(next), { replace: true })
    },
    onError: () => form.setFieldValue('password', ''),
  })
  return (
    <Door title={t('operators.signIn.title')}>
      <form onSubmit={form.onSubmit((values) => signIn.mutate(values))}>
        <Stack gap="md">
          {setup.data?.needed && (
            <Alert
              variant="outline"
              icon={<IconInfoCircle aria-hidden />}
              title={t('operators.setup.needed')}
            >
              <Text size="sm">{t('operators.setup.neededHow')}</Text>
            </Alert>
          )}
          {next !== null && !signIn.isError && (
            <Text size="sm" c="dimmed">
              {t('operators.signIn.back')}
            </Text>
          )}
          <TextInput
            size="sm"
            label={t('operators.username')}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            required
            withAsterisk={false}
            {...form.getInputProps('username')}
          />
          <PasswordInput
            size="sm"
            label={t('operators.password')}
            autoComplete="current-password"
            required
            withAsterisk={false}
            visibilityToggleButtonProps={{ 'aria-label': t('operators.showPassword'), tabIndex: 0 }}
            {...form.getInputProps('password')}
          />
          {signIn.isError && <Failure error={signIn.error} />}
          <Button type="submit" size="sm" loading={signIn.isPending}>
            {t('operators.signIn.act')}
          </Button>
        </Stack>
      </form>
    </Door>
  )
}

/**
 * Makes the first administrator. The one-time token is in the link's fragment (`/setup#token=…`), which browsers do not
 * send to servers and so no log holds; it is taken out of the address at once.
 */
import { endpoints, Password } from '@coreward/contracts'
import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconExclamationCircle } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { call } from '../api/call.ts'
import { sessionQuery } from '../api/query-client.ts'
import { Failure } from '../ui/failure.tsx'
import { Door } from './door.tsx'

/** Reads the token of the link one came by. */
function tokenInAddress(): string {
  return new URLSearchParams(window.location.hash.slice(1)).get('token') ?? ''
}

export function SetupPage() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const client = useQueryClient()
  const [token] = useState(tokenInAddress)
  useEffect(() => window.history.replaceState(window.history.state, '', '/setup'), [])
  const form = useForm({
    initialValues: { username: 'admin', password: '', again: '' },
    validate: {
      username: (username) =>
        endpoints.completeSetup.body?.shape.username.safeParse(username).success
          ? null
          : t('operators.setup.badName'),
      password: (password) => (Password.safeParse(password).success ? null : t('operators.setup.short')),
      again: (again, { password }) => (again === password ? null : t('operators.setup.differ')),
    },
  })
  const complete = useMutation({
    mutationFn: ({ username, password }: typeof form.values) =>
      call(endpoints.completeSetup, { body: { token, username, password } }),
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session)
      void navigate('/', { replace: true })
    },
  })
  const password = {
    size: 'sm',
    autoComplete: 'new-password',
    visibilityToggleButtonProps: { 'aria-label': t('operators.showPassword'), tabIndex: 0 },
  } as const
  return (
    <Door title={t('operators.setup.title')}>
      {token === '' ? (
        <Alert
          variant="outline"
          color="yellow"
          icon={<IconExclamationCircle aria-hidden />}
          title={t('operators.setup.noToken')}
        >
          <Text size="sm">{t('operators.setup.neededHow')}</Text>
        </Alert>
      ) : (
        <form onSubmit={form.onSubmit((values) => complete.mutate(values))}>
          <Stack gap="md">
            <Text size="sm" c="dimmed">
              {t('operators.setup.about')}
            </Text>
            <TextInput
              size="sm"
              label={t('operators.username')}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              {...form.getInputProps('username')}
            />
            <PasswordInput
              label={t('operators.password')}
              description={t('operators.setup.rule')}
              autoFocus
              {...password}
              {...form.getInputProps('password')}
            />
            <PasswordInput
              label={t('operators.setup.again')}
              {...password}
              {...form.getInputProps('again')}
            />
            {complete.isError && <Failure error={complete.error} />}
            <Button type="submit" size="sm" loading={complete.isPending}>
              {t('operators.setup.act')}
            </Button>
          </Stack>
        </form>
      )}
    </Door>
  )
}

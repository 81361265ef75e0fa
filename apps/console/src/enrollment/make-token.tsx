/** Makes an enrolment token and shows, this once, the command that uses it. Closing forgets the token's text. */
import { endpoints } from '@coreward/contracts'
import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { call } from '../api/call.ts'
import { useFormat } from '../format/use-format.ts'
import { Copyable } from '../ui/copyable.tsx'
import { Failure } from '../ui/failure.tsx'
import { Mark } from '../ui/mark.tsx'
import { Moment } from '../ui/moment.tsx'
import { enrollCommand } from './enroll-command.ts'

/** Offered lives of a token, in minutes. */
const lives = [60, 8 * 60, 24 * 60, 7 * 24 * 60]

export function MakeToken({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const format = useFormat()
  const client = useQueryClient()
  const form = useForm({
    initialValues: { name: '', minutes: String(lives[0]) },
    validate: { name: (name) => (name.trim() === '' ? t('enrollment.nameMissing') : null) },
  })
  const make = useMutation({
    mutationFn: ({ name, minutes }: typeof form.values) =>
      call(endpoints.createEnrollmentToken, {
        body: { name: name.trim(), expiresInMinutes: Number(minutes) },
      }),
    onSuccess: () => void client.invalidateQueries({ queryKey: [endpoints.listEnrollmentTokens.path] }),
  })
  const close = () => {
    make.reset()
    form.reset()
    onClose()
  }
  return (
    <Modal
      opened={opened}
      onClose={close}
      size={640}
      closeOnClickOutside={!make.isSuccess}
      title={t('enrollment.make')}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      {make.isSuccess ? (
        <Stack gap="md">
          <Text size="sm">{t('enrollment.made.how')}</Text>
          <Copyable
            block
            label={t('enrollment.made.command')}
            text={enrollCommand(make.data.serverUrl, make.data.text)}
          />
          <Mark tone="warning">{t('enrollment.made.once')}</Mark>
          <Text size="sm" c="dimmed">
            {t('enrollment.made.expires')} <Moment at={make.data.token.expiresAt} exact />
          </Text>
          <Group justify="flex-end">
            <Button onClick={close}>{t('enrollment.made.done')}</Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={form.onSubmit((values) => make.mutate(values))}>
          <Stack gap="md">
            <Text size="sm">{t('enrollment.about')}</Text>
            <TextInput
              label={t('enrollment.name')}
              description={t('enrollment.nameHint')}
              maxLength={200}
              data-autofocus
              {...form.getInputProps('name')}
            />
            <Select
              label={t('enrollment.life')}
              allowDeselect={false}
              data={lives.map((minutes) => ({
                value: String(minutes),
                label: format.duration(minutes * 60),
              }))}
              {...form.getInputProps('minutes')}
            />
            {make.isError && <Failure error={make.error} />}
            <Group justify="flex-end" gap="sm">
              <Button variant="default" onClick={close}>
                {t('ui.cancel')}
              </Button>
              <Button type="submit" loading={make.isPending}>
                {t('enrollment.act')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}

/** Makes a token unusable before it was used. Hosts that were enrolled with others are not touched. */
import { type EnrollmentToken, endpoints } from '@coreward/contracts'
import { Button, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { call } from '../api/call.ts'
import { TypedConfirmation } from '../ui/typed-confirmation.tsx'

export function WithdrawToken({ token }: { token: EnrollmentToken }) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const [opened, { open, close }] = useDisclosure(false)
  const withdraw = useMutation({
    mutationFn: () => call(endpoints.withdrawEnrollmentToken, { params: { tokenId: token.id } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: [endpoints.listEnrollmentTokens.path] })
      close()
    },
  })
  return (
    <>
      <Button
        variant="default"
        size="compact-xs"
        onClick={open}
        aria-label={t('enrollment.withdraw.of', { name: token.name })}
      >
        {t('enrollment.withdraw.open')}
      </Button>
      <TypedConfirmation
        opened={opened}
        onClose={close}
        title={t('enrollment.withdraw.title', { name: token.name })}
        act={t('enrollment.withdraw.act')}
        onConfirm={() => withdraw.mutate()}
        pending={withdraw.isPending}
        error={withdraw.error}
      >
        <Text size="sm">{t('enrollment.withdraw.what')}</Text>
      </TypedConfirmation>
    </>
  )
}

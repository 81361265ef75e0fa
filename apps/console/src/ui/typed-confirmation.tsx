/**
 * The question before an act that cannot simply be undone: what will happen to which host, and, where a slip would hurt,
 * a word to be typed. It does nothing itself; the failure of the act is shown in it, so that nothing closes unsaid.
 */
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Failure } from './failure.tsx'

interface TypedConfirmationProps {
  opened: boolean
  onClose: () => void
  title: string
  /** The act in the words of its button. */
  act: string
  onConfirm: () => void
  pending: boolean
  error: unknown
  /** What must be typed first. Absent: nothing. */
  word?: string
  /** Not destructive: the button is not red. */
  harmless?: boolean
  children: ReactNode
}

/** A modal question; `children` spell the consequences out. */
export function TypedConfirmation(props: TypedConfirmationProps) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const ready = props.word === undefined || typed.trim() === props.word
  const close = () => {
    setTyped('')
    props.onClose()
  }
  return (
    <Modal
      opened={props.opened}
      onClose={close}
      title={props.title}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) props.onConfirm()
        }}
      >
        <Stack gap="md">
          {props.children}
          {props.word !== undefined && (
            <TextInput
              label={t('ui.typeToConfirm', { word: props.word })}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
            />
          )}
          {props.error !== null && props.error !== undefined && <Failure error={props.error} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={close}>
              {t('ui.cancel')}
            </Button>
            <Button
              type="submit"
              {...(props.harmless ? {} : { color: 'red.8' })}
              disabled={!ready}
              loading={props.pending}
            >
              {props.act}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

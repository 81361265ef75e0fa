/** A text to be copied as it is: digests, paths, commands. The button says when it was done, to the ear too. */
import { ActionIcon, Code, CopyButton, Group, Tooltip, VisuallyHidden } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

/** `label` names what is copied. With `block`, the text has a ground of its own and wraps. */
export function Copyable({ text, label, block }: { text: string; label: string; block?: boolean }) {
  const { t } = useTranslation()
  return (
    <Group gap={4} wrap="nowrap" align={block ? 'flex-start' : 'center'} component="span" display="flex">
      <Code block={block ?? false} fz={12} flex={block ? 1 : undefined} style={wrapping}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t('ui.copied') : t('ui.copy', { label })}>
            <ActionIcon size={block ? 28 : 20} onClick={copy} aria-label={t('ui.copy', { label })}>
              {copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
              <VisuallyHidden role="status">{copied ? t('ui.copied') : ''}</VisuallyHidden>
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  )
}

const wrapping = { overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' } as const

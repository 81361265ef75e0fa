/** The exclusions: what is left out of scans, and why. An entry without a reason cannot be deployed. */
import { Exclusion } from '@coreward/contracts'
import { ActionIcon, Button, Select, Stack, Table, Text, TextInput, VisuallyHidden } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { PolicyForm } from './policy-form.ts'

export function ExclusionsTable({ form }: { form: PolicyForm }) {
  const { t } = useTranslation()
  const add = () =>
    form.insertListItem('exclusions', { kind: 'folder', value: '', reason: '' } satisfies Exclusion)
  return (
    <Stack gap="sm" align="flex-start">
      {form.values.exclusions.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('policies.exclusion.none')}
        </Text>
      ) : (
        <Table aria-label={t('policies.section.exclusions')} verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={136}>{t('policies.exclusion.kind')}</Table.Th>
              <Table.Th>{t('policies.exclusion.value')}</Table.Th>
              <Table.Th>{t('policies.exclusion.reason')}</Table.Th>
              <Table.Th w={40}>
                <VisuallyHidden>{t('policies.exclusion.actions')}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {form.values.exclusions.map((entry, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an entry has no identity but its place while it is typed
              <Table.Tr key={index}>
                <Table.Td>
                  <Select
                    aria-label={t('policies.exclusion.kind')}
                    allowDeselect={false}
                    data={Exclusion.shape.kind.options.map((kind) => ({
                      value: kind,
                      label: t(`policies.exclusion.of.${kind}`),
                    }))}
                    {...form.getInputProps(`exclusions.${index}.kind`)}
                  />
                </Table.Td>
                <Table.Td>
                  <TextInput
                    aria-label={t('policies.exclusion.value')}
                    placeholder={t(`policies.exclusion.example.${entry.kind}`)}
                    spellCheck={false}
                    {...form.getInputProps(`exclusions.${index}.value`)}
                  />
                </Table.Td>
                <Table.Td>
                  <TextInput
                    aria-label={t('policies.exclusion.reason')}
                    {...form.getInputProps(`exclusions.${index}.reason`)}
                  />
                </Table.Td>
                <Table.Td>
                  <ActionIcon
                    aria-label={t('policies.exclusion.remove', { value: entry.value })}
                    onClick={() => form.removeListItem('exclusions', index)}
                  >
                    <IconTrash size={15} aria-hidden />
                  </ActionIcon>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Button variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={add}>
        {t('policies.exclusion.add')}
      </Button>
    </Stack>
  )
}

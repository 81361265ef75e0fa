/** The product's mark and name. */
import { Group, Text } from '@mantine/core'

/** The name is the same in every language. */
export const productName = 'Coreward'

export function Brand() {
  return (
    <Group gap="sm" wrap="nowrap">
      <img src="/icon.svg" width={22} height={22} alt="" />
      <Text fw={600} fz={15}>
        {productName}
      </Text>
    </Group>
  )
}

/** The product's mark and name. The mark is drawn here, so that it stands without the server too. */
import { Group, Text } from '@mantine/core'

/** The name is the same in every language. */
const productName = 'Coreward'

export function Brand() {
  return (
    <Group gap="sm" wrap="nowrap">
      <svg viewBox="0 0 32 32" width={22} height={22} aria-hidden="true">
        <rect width="32" height="32" rx="7" fill="#1f4fa3" />
        <path
          d="M16 6l8 3v7c0 5-3.4 8.5-8 10-4.6-1.5-8-5-8-10V9z"
          fill="none"
          stroke="#fff"
          strokeWidth="2.2"
          strokeLinejoin="round"
        />
        <circle cx="16" cy="15.5" r="3" fill="#fff" />
      </svg>
      <Text fw={600} fz={15}>
        {productName}
      </Text>
    </Group>
  )
}

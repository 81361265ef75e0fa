/**
 * Mantine's theme: one system typeface, small controls, square-ish corners, and greys that stay readable. The colours
 * that carry meaning are in tokens.css, so light and dark come from the same names.
 */
import {
  ActionIcon,
  Anchor,
  Button,
  type CSSVariablesResolver,
  createTheme,
  InputBase,
  type MantineColorsTuple,
  Modal,
  NumberInput,
  PasswordInput,
  Select,
  Table,
  Textarea,
  TextInput,
  Tooltip,
} from '@mantine/core'

const blue: MantineColorsTuple = [
  '#eef4fc',
  '#dbe7f8',
  '#b6cff1',
  '#8db3e9',
  '#6a9ce2',
  '#4a86d8',
  '#2f6fc7',
  '#1f5bb5',
  '#1a4c98',
  '#153d7a',
]

const dark: MantineColorsTuple = [
  '#dfe3e8',
  '#b8bfc8',
  '#a3abb5',
  '#6b737e',
  '#363b43',
  '#262a30',
  '#1d2025',
  '#17191d',
  '#111316',
  '#0b0c0e',
]

const small = { defaultProps: { size: 'xs' } } as const
const fonts = 'var(--cw-font-latin), var(--cw-font-japanese), sans-serif'

export const theme = createTheme({
  colors: { blue, dark },
  primaryColor: 'blue',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  respectReducedMotion: true,
  defaultRadius: 4,
  fontFamily: fonts,
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono", "Liberation Mono", monospace, var(--cw-font-japanese)',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  spacing: { xs: '4px', sm: '8px', md: '16px', lg: '24px', xl: '32px' },
  headings: {
    fontFamily: fonts,
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' },
      h2: { fontSize: '14px', lineHeight: '24px' },
      h3: { fontSize: '13px', lineHeight: '20px' },
    },
  },
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray', size: 28 } }),
    Anchor: Anchor.extend({ defaultProps: { underline: 'hover' } }),
    Button: Button.extend(small),
    InputBase: InputBase.extend(small),
    TextInput: TextInput.extend(small),
    PasswordInput: PasswordInput.extend(small),
    NumberInput: NumberInput.extend(small),
    Select: Select.extend({ defaultProps: { size: 'xs', checkIconPosition: 'right' } }),
    Textarea: Textarea.extend(small),
    Modal: Modal.extend({
      defaultProps: { centered: true, size: 480, overlayProps: { backgroundOpacity: 0.4 } },
    }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 5, horizontalSpacing: 'sm', fz: 13 } }),
    Tooltip: Tooltip.extend({ defaultProps: { withArrow: true, openDelay: 300, multiline: true, maw: 320 } }),
  },
})

/** Greys and links that pass WCAG AA against their grounds. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#596069',
    '--mantine-color-placeholder': '#6b727b',
    '--mantine-color-body': 'var(--cw-ground)',
    '--mantine-color-anchor': '#1a4f9f',
    '--mantine-color-error': 'var(--cw-critical)',
  },
  dark: {
    '--mantine-color-dimmed': '#a3abb5',
    '--mantine-color-placeholder': '#8f97a2',
    '--mantine-color-body': 'var(--cw-ground)',
    '--mantine-color-anchor': '#93bbf5',
    '--mantine-color-error': 'var(--cw-critical)',
  },
})

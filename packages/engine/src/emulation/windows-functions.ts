/**
 * Functions of Windows that programs call, by library, each with the number of 4-byte arguments that it takes off the stack (its `stdcall`
 * convention, as the Windows API reference declares it). Those of C libraries take none off. What the emulation does for one stands in
 * windows-calls.ts; the others do nothing and answer 0.
 */

/** Number of arguments, then the names with as many. */
const declared: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  'kernel32.dll': {
    0: `AllocConsole AreFileApisANSI GetACP GetCommandLineA GetCommandLineW GetCurrentProcess GetCurrentProcessId GetCurrentThread
      GetCurrentThreadId GetEnvironmentStrings GetEnvironmentStringsA GetEnvironmentStringsW GetLastError GetLogicalDrives GetOEMCP
      GetProcessHeap GetSystemDefaultLCID GetThreadLocale GetTickCount GetTickCount64 GetUserDefaultLangID GetUserDefaultLCID GetVersion
      IsDebuggerPresent TlsAlloc`,
    1: `CloseHandle ConvertThreadToFiber DecodePointer DeleteAtom DeleteCriticalSection DeleteFileA DeleteFileW EncodePointer
      EnterCriticalSection ExitProcess ExitThread FatalExit FindClose FreeEnvironmentStringsA FreeEnvironmentStringsW FreeLibrary
      FreeResource GetDriveTypeA GetFileAttributesA GetFileAttributesW GetFileType GetModuleHandleA GetModuleHandleW
      GetProcessVersion GetStartupInfoA GetStartupInfoW GetStdHandle GetSystemInfo GetSystemTime GetSystemTimeAsFileTime
      GetThreadPriority GlobalFree GlobalHandle GlobalLock GlobalMemoryStatus GlobalSize GlobalUnlock HeapDestroy InitializeCriticalSection
      InterlockedDecrement InterlockedIncrement IsProcessorFeaturePresent IsValidCodePage LeaveCriticalSection LoadLibraryA LoadLibraryW
      LocalFree LocalHandle LocalLock LocalSize LocalUnlock LockResource OutputDebugStringA OutputDebugStringW QueryPerformanceCounter
      QueryPerformanceFrequency ReleaseMutex ResetEvent ResumeThread SetCurrentDirectoryA SetErrorMode SetEvent SetHandleCount
      SetLastError SetUnhandledExceptionFilter Sleep SuspendThread TlsFree TlsGetValue UnhandledExceptionFilter UnmapViewOfFile lstrlen
      lstrlenA lstrlenW RemoveVectoredExceptionHandler DisableThreadLibraryCalls GetLocalTime FlsAlloc FlsFree FlsGetValue
      InitializeSListHead`,
    2: `AddVectoredExceptionHandler CheckRemoteDebuggerPresent CompareFileTime CreateDirectoryA FindFirstFileA FindFirstFileW FindNextFileA
      FindNextFileW GetCPInfo GetCurrentDirectoryA GetExitCodeProcess GetExitCodeThread GetFileSize GetProcAddress GetSystemDirectoryA
      GetSystemDirectoryW GetTempPathA GetTempPathW GetThreadContext GetVersionExA GetWindowsDirectoryA GetWindowsDirectoryW GlobalAlloc
      InitializeCriticalSectionAndSpinCount InterlockedExchange InterlockedExchangeAdd IsBadCodePtr IsBadReadPtr IsBadStringPtrA
      IsBadWritePtr LoadResource LocalAlloc MoveFileA SetFileAttributesA SetPriorityClass SetThreadContext SetThreadPriority
      SetEnvironmentVariableA SizeofResource Process32First Process32Next CreateToolhelp32Snapshot TerminateProcess TerminateThread
      TlsSetValue WaitForSingleObject WinExec lstrcat lstrcatA lstrcatW lstrcmp lstrcmpA lstrcmpW lstrcmpi lstrcmpiA lstrcmpiW
      lstrcpy lstrcpyA lstrcpyW SleepEx FlsSetValue GetComputerNameA GetVersionExW
      SetStdHandle`,
    3: `CopyFileA CopyFileW CreateMutexA CreateMutexW FindResourceA FindResourceW FlushInstructionCache GetEnvironmentVariableA
      GetModuleFileNameA GetModuleFileNameW GlobalReAlloc HeapCreate HeapFree HeapSize HeapValidate
      InterlockedCompareExchange LoadLibraryExA LoadLibraryExW LocalReAlloc MoveFileExA OpenMutexA OpenProcess OpenEventA
      RtlMoveMemory RtlFillMemory VirtualFree VirtualQuery lstrcpyn lstrcpynA lstrcpynW GetModuleHandleExA GetModuleHandleExW
      OpenThread GetShortPathNameA GetLongPathNameA HeapAlloc`,
    4: `CreateEventA CreateEventW CreateSemaphoreA FindResourceExA GetFullPathNameA GetLocaleInfoA GetLocaleInfoW GetStringTypeW
      GetTempFileNameA HeapReAlloc RaiseException SetFilePointer SetFileTime VirtualAlloc VirtualProtect VirtualFreeEx VirtualQueryEx
      WaitForMultipleObjects GetFileTime HeapSetInformation`,
    5: `GetStringTypeA MapViewOfFile ReadFile ReadProcessMemory VirtualAllocEx VirtualProtectEx WriteFile WriteProcessMemory
      WriteConsoleA WriteConsoleW GetDiskFreeSpaceA`,
    6: 'CreateFileMappingA CreateFileMappingW CreateThread LCMapStringA LCMapStringW MultiByteToWideChar CompareStringA CompareStringW',
    7: 'CreateFileA CreateFileW CreateRemoteThread FormatMessageA FormatMessageW',
    8: 'WideCharToMultiByte DeviceIoControl GetVolumeInformationA',
    10: 'CreateProcessA CreateProcessW',
  },
  'ntdll.dll': {
    0: 'NtCurrentTeb RtlGetLastWin32Error DbgBreakPoint NtYieldExecution',
    1: 'NtClose RtlDeleteCriticalSection RtlEnterCriticalSection RtlLeaveCriticalSection RtlInitializeCriticalSection RtlSetLastWin32Error',
    2: 'NtTerminateProcess ZwTerminateProcess NtContinue ZwContinue RtlZeroMemory RtlInitUnicodeString RtlInitAnsiString RtlAddVectoredExceptionHandler NtUnmapViewOfSection ZwUnmapViewOfSection',
    3: 'RtlAllocateHeap RtlFreeHeap RtlMoveMemory RtlFillMemory RtlSizeHeap NtRaiseException RtlAnsiStringToUnicodeString',
    4: 'RtlUnwind NtFreeVirtualMemory ZwFreeVirtualMemory LdrLoadDll LdrGetProcedureAddress LdrGetDllHandle NtSetInformationThread ZwSetInformationThread RtlReAllocateHeap NtSetInformationProcess',
    5: 'NtQueryInformationProcess ZwQueryInformationProcess NtProtectVirtualMemory ZwProtectVirtualMemory NtWriteVirtualMemory',
    6: 'NtAllocateVirtualMemory ZwAllocateVirtualMemory NtQueryVirtualMemory RtlDecompressBuffer',
  },
  'user32.dll': {
    0: 'GetActiveWindow GetCapture GetDesktopWindow GetFocus GetForegroundWindow GetMessagePos GetMessageTime ReleaseCapture',
    1: `BringWindowToTop CharLowerA CharNextA CharUpperA CloseWindow DestroyIcon DestroyMenu DestroyWindow DispatchMessageA
      DispatchMessageW GetAsyncKeyState GetDC GetKeyState GetKeyboardLayout GetMenu GetParent GetSysColor GetSystemMetrics GetWindowDC
      GetWindowTextLengthA IsIconic IsWindow IsWindowVisible MessageBeep PostQuitMessage RegisterClassA RegisterClassExA RegisterClassW
      SetActiveWindow SetFocus SetForegroundWindow TranslateMessage UpdateWindow`,
    2: `BeginPaint CharToOemA EndDialog EnableWindow EndPaint EnumWindows FindWindowA FindWindowW GetClassLongA GetClientRect GetDlgItem
      GetWindow GetWindowLongA GetWindowRect GetWindowThreadProcessId KillTimer LoadBitmapA LoadCursorA LoadCursorW LoadIconA LoadIconW
      LoadMenuA ReleaseDC ScreenToClient SetWindowTextA ShowWindow UnregisterClassA`,
    3: 'CharToOemBuffA EnumChildWindows GetClassNameA GetWindowTextA InvalidateRect SetDlgItemTextA SetWindowLongA wvsprintfA AttachThreadInput',
    4: 'CallNextHookEx DefWindowProcA DefWindowProcW GetDlgItemTextA GetMessageA GetMessageW LoadStringA LoadStringW MessageBoxA MessageBoxW PostMessageA PostMessageW SendMessageA SendMessageW SetTimer SetWindowsHookExA SystemParametersInfoA FindWindowExA',
    5: 'CallWindowProcA CreateDialogParamA DialogBoxParamA DialogBoxParamW MessageBoxExA PeekMessageA SendDlgItemMessageA',
    6: 'LoadImageA MoveWindow',
    7: 'SetWindowPos',
    12: 'CreateWindowExA CreateWindowExW',
  },
  'advapi32.dll': {
    1: 'RegCloseKey CloseServiceHandle',
    2: 'RegDeleteValueA RegDeleteKeyA GetUserNameA',
    3: 'RegCreateKeyA RegOpenKeyA OpenProcessToken OpenSCManagerA OpenServiceA',
    4: 'RegEnumKeyA RegQueryValueA',
    5: 'RegOpenKeyExA RegOpenKeyExW CryptAcquireContextA CryptCreateHash',
    6: 'RegQueryValueExA RegQueryValueExW RegSetValueExA RegSetValueExW AdjustTokenPrivileges',
    8: 'RegEnumKeyExA RegEnumValueA',
    9: 'RegCreateKeyExA RegCreateKeyExW',
  },
}

/** Libraries whose functions leave their arguments to the caller (`cdecl`). */
const C_LIBRARY = /^(?:msvcr|crtdll|ucrtbase|api-ms-win-crt|msvcp)/

/** Functions with a number of arguments of their own. */
const callerCleans: Readonly<Record<string, string>> = { 'user32.dll': 'wsprintfA wsprintfW' }

/** Stubs that are no functions of Windows: where what the system calls returns to, and the handler that ends a program. */
export const OWN_LIBRARY = 'coreward'
export const HANDLER_RETURN = 'handler-return'
export const START_RETURN = 'start-return'
export const LAST_HANDLER = 'last-handler'

/** Functions that lie in a library's image though it exports them under no name, as code expects that looks where it was called from. */
export function hiddenFunctionsOf(library: string): readonly WindowsFunction[] {
  if (library !== 'kernel32.dll') return []
  return [START_RETURN, HANDLER_RETURN, LAST_HANDLER].map((name) => ({
    library: OWN_LIBRARY,
    name,
    released: 0,
  }))
}

export interface WindowsFunction {
  readonly library: string
  readonly name: string
  /** Bytes that it takes off the stack; absent where that is not known. */
  readonly released: number | undefined
}

/** The known functions of a library, sorted by name as an export table has them. */
export function functionsOf(library: string): readonly WindowsFunction[] {
  const functions: WindowsFunction[] = []
  for (const [count, names] of Object.entries(declared[library] ?? {}))
    for (const name of names.split(/\s+/)) functions.push({ library, name, released: 4 * Number(count) })
  for (const name of callerCleans[library]?.split(' ') ?? []) functions.push({ library, name, released: 0 })
  return functions.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A function that is not in the table. */
export function unknownFunction(library: string, name: string): WindowsFunction {
  return { library, name, released: C_LIBRARY.test(library) ? 0 : undefined }
}

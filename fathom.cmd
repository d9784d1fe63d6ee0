@echo off
rem The fathom command on Windows: see fathom.ps1.
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0fathom.ps1" %*
exit /b %ERRORLEVEL%

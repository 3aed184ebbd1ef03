-- SPDX-License-Identifier: LGPL-2.1-or-later
import Control.Concurrent
import Control.Monad
import qualified Data.ByteString as B

hog :: [B.ByteString] -> IO ()
hog much = do
  let block = B.replicate 1048576 (fromIntegral (length much `mod` 256))
  block `seq` hog (block : much)

tasks :: IO Int
tasks = do
  answers <- forM [0 .. 7] $ \i -> do
    answer <- newEmptyMVar
    _ <- forkIO (putMVar answer (2 * i))
    return answer
  sum <$> mapM takeMVar answers

main :: IO ()
main = do
  input <- words <$> getContents
  case input of
    ("hog" : _) -> hog []
    ("tasks" : _) -> tasks >>= print
    (_ : numbers) -> print (sum (map read numbers :: [Int]))
    [] -> return ()
